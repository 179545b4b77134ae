/* screening/screen_pairs.h - potentials whose parameters stand in the campaign file itself
 *
 * Not collective.  Verified by: tests/unit/screening/test_screen_pairs.c, tests/system/pairs.sh
 */
#pragma once

#include "screening/screen_campaign.h"

/* The potential of a campaign that is not SCREEN_MTP; the caller's. */
PetscErrorCode screen_pairs_open(const screen_campaign *campaign, md_potential **pot);
