"""A stand-in RunComfy: a real HTTP server on loopback with every shape and fault known of the real one."""

from bot.rehearsal.runcomfy.backend import Submit
from bot.rehearsal.runcomfy.faults import Fault, Faults
from bot.rehearsal.runcomfy.queue import Duration, Render, State
from bot.rehearsal.runcomfy.schemas import catalogue_schemas
from bot.rehearsal.runcomfy.server import StandIn

__all__ = ["Duration", "Fault", "Faults", "Render", "StandIn", "State", "Submit", "catalogue_schemas"]
