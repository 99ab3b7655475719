"""The assistant as a service of the machine: systemd on Linux, Task Scheduler on Windows."""
