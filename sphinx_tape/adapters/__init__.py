"""Foreign graphs to `Tape`. A framework is imported only if the builder already did."""
