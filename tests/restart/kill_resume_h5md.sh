#!/bin/sh
# Twenty kills of the whole run while it writes HDF5; then the same table and the same trajectories.
exec sh "$SOURCE/tests/restart/kill_resume.sh" 20 h5md
