"""A loopback AWS: moto's server in a process of ours, with the holes that matter filled by parts that really work."""
