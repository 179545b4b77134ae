#!/bin/sh
# tests/system/validation_long.sh - the campaigns of campaigns/validation as they are; an hour or two of two cores
exec sh "$SOURCE/tests/system/validation.sh" long
