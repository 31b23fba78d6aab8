"""From a recipe to a bundle: read, tune, train, judge, save. What is served never needs this package."""
