"""What runs in the background: the supervisor, its schedules, and the triggers that call core's services."""
