"""Showreel: a Discord bot that turns prompts and pictures into videos with RunComfy's models."""
