"""The demo in four parts: the data, the network and its training, the moves, what is shown."""
