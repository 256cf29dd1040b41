"""The endpoints: one file a kind of object, one function an endpoint, one table of them all."""
