/* tests/verify/test_md_ensemble_long.c - test_md_ensemble.c with longer runs and smaller errors */
#define LENGTH 20
#include "tests/verify/test_md_ensemble.c" /* NOLINT(bugprone-suspicious-include) */
