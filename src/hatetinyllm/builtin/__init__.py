"""The bundle that comes with the installation: `bundle/` in this folder, as `hatetinyllm export --half` writes it."""
