"""Requests to contractors: numbers, positions, statuses, comments, deadlines, history."""
