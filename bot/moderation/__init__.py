"""Moderation: blocks, filters, approvals, the audit trail."""
