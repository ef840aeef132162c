"""What stands in for containers: processes of this machine that keep a container's contract."""
