"""The assistant's own signs of life: to a monitoring service, to the service manager of the machine."""
