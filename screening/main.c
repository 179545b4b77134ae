/* screening/main.c - the program `liquidus`; what it can do is in screen_cli.c */
#include "screening/screen_cli.h"

#include <unistd.h>

int main(int argc, char **argv)
{
  screen_exit code = SCREEN_EXIT_ENVIRONMENT;

  /* A crash must end one process and be seen by the supervisor, not be turned into MPI_Abort. */
  if (PetscOptionsSetValue(NULL, "-no_signal_handler", "true")) return SCREEN_EXIT_ENVIRONMENT;
  if (PetscInitialize(NULL, NULL, NULL, NULL)) return SCREEN_EXIT_ENVIRONMENT;
  code = screen_cli_main(argc, argv);
  if (PetscFinalize()) code = SCREEN_EXIT_ENVIRONMENT;
  return (int)code;
}
