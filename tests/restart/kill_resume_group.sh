#!/bin/sh
# Twenty kills of a run whose two ranks share the atoms of every task, for trajectories in each format.
sh "$SOURCE/tests/restart/kill_resume.sh" 20 xyz 2 || exit
exec sh "$SOURCE/tests/restart/kill_resume.sh" 20 h5md 2
