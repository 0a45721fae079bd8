"""Filters, blocks, approvals, interventions, and the trail they leave."""
