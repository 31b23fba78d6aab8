"""Recipes: what a run is made of, checked before anything is read or built."""
