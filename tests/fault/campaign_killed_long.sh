#!/bin/sh
# Two hundred campaigns with killed workers, dispatchers, launchers and supervisors.
exec sh "$SOURCE/tests/fault/campaign_killed.sh" 200
