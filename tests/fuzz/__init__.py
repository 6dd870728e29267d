"""What must hold for any bytes at all: shortly in `make test`, at length in `make fuzz`."""
