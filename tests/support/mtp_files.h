/* tests/support/mtp_files.h - potentials and configurations that a test reads, or skips without */
#pragma once

#include "mtp/mtp_config.h"
#include "mtp/mtp_potential.h"
#include "tests/support/expect.h"

#include <sys/stat.h>

/* Skips the test where a file of others is not on this machine. */
static inline void need(const char *path)
{
  struct stat s;

  if (stat(path, &s) == 0) return;
  print_message("  skipped: %s is not on this machine (CMake variable LIQUIDUS_SHARED)\n", path);
  skip();
}

static inline void no_messages(const mtp_diag *diag)
{
  if (diag->n) fail_msg("%s", diag->text[0]);
}

/* What a file holds; a message about it fails the test. */
static inline mtp_potential *load(const char *path)
{
  mtp_potential *pot;
  mtp_diag diag = {0};

  expect_ok(mtp_potential_read(path, &pot, &diag));
  no_messages(&diag);
  return pot;
}

static inline mtp_config_list configurations(const char *path)
{
  mtp_config_list list = {0};
  mtp_diag diag = {0};

  expect_ok(mtp_cfg_read(path, &list, &diag));
  no_messages(&diag);
  return list;
}
