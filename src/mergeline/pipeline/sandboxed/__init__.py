"""What runs in a child of the sandbox: a model's functions, its training, its predictions.

Each file has one class. Its methods are called from the file of the engine that its docstring
names, and give plain values and tables.
"""
