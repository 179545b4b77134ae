/* screening/screen_config_file.c - reading and writing files by the endings of their names */
#include "screening/screen_config_file.h"

#include "screening/screen_cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static const struct {
  const char *ending;
  screen_file_kind kind;
} endings[] = {
    {".cfg", SCREEN_FILE_CFG},     {".xyz", SCREEN_FILE_XYZ},    {".extxyz", SCREEN_FILE_XYZ},
    {".data", SCREEN_FILE_LAMMPS}, {".lmp", SCREEN_FILE_LAMMPS}, {".mtp", SCREEN_FILE_MTP},
    {".almtp", SCREEN_FILE_ALMTP},
};

screen_file_kind screen_file_kind_of(const char *path)
{
  const char *dot = strrchr(path, '.');

  for (size_t k = 0; dot && k < sizeof(endings) / sizeof(endings[0]); k++) {
    if (!strcasecmp(dot, endings[k].ending)) return endings[k].kind;
  }
  return SCREEN_FILE_OTHER;
}

PetscBool screen_same_file(const char *a, const char *b)
{
  struct stat sa, sb;

  return (PetscBool)(!stat(a, &sa) && !stat(b, &sb) && sa.st_dev == sb.st_dev &&
                     sa.st_ino == sb.st_ino);
}

/* The next symbol of the list into `out`; PETSC_FALSE when it is none. */
static PetscBool take_symbol(const char **list, char out[4])
{
  const size_t n = strcspn(*list, ",");

  if (n < 1 || n > 3) return PETSC_FALSE;
  for (size_t i = 0; i < n; i++) {
    if (!isalpha((unsigned char)(*list)[i])) return PETSC_FALSE;
    out[i] = (*list)[i];
  }
  out[n] = 0;
  *list += n;
  return PETSC_TRUE;
}

PetscErrorCode screen_names_parse(const char *verb, const char *list, screen_names *names,
                                  screen_exit *code)
{
  const char *at = list;
  PetscBool good = PETSC_TRUE;

  PetscFunctionBegin;
  names->n = 0;
  while (good) {
    good = (PetscBool)(names->n < SCREEN_MAX_NAMES && take_symbol(&at, names->text[names->n]));
    for (PetscInt k = 0; good && k < names->n; k++)
      good = (PetscBool)(strcmp(names->text[k], names->text[names->n]) != 0);
    if (!good) break;
    names->name[names->n] = names->text[names->n];
    names->n++;
    if (!*at) PetscFunctionReturn(0);
    at++;
  }
  PetscCall(screen_cli_refuse(verb, code,
                              "--species is '%s', wanted different element symbols such as "
                              "Ca,K,Cl",
                              list));
  PetscFunctionReturn(0);
}

/* Reading ------------------------------------------------------------------------------------ */

static PetscErrorCode read_lammps(const char *path, const screen_names *species,
                                  mtp_config_list *list, mtp_diag *diag)
{
  mtp_config config;

  PetscFunctionBegin;
  PetscCall(mtp_lammps_read(path, species->n, species->name, &config, diag));
  if (config.n > 0) {
    PetscCall(PetscCalloc1(1, &list->config));
    list->capacity = list->n = 1;
    list->config[0] = config;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen_config_read(const char *path, const screen_names *species,
                                  mtp_config_list *list, mtp_diag *diag)
{
  PetscFunctionBegin;
  switch (screen_file_kind_of(path)) {
  case SCREEN_FILE_XYZ:
    PetscCall(mtp_xyz_read(path, species->n, species->name, list, diag));
    break;
  case SCREEN_FILE_LAMMPS:
    PetscCall(read_lammps(path, species, list, diag));
    break;
  default:
    PetscCall(mtp_cfg_read(path, list, diag));
  }
  PetscFunctionReturn(0);
}

/* Writing ------------------------------------------------------------------------------------ */

static PetscErrorCode write_one(const mtp_config *config, screen_file_kind kind, PetscBool binary,
                                const screen_names *species, FILE *out)
{
  PetscFunctionBegin;
  if (kind == SCREEN_FILE_XYZ)
    PetscCall(mtp_xyz_write(config, species->n, species->name, out));
  else if (kind == SCREEN_FILE_LAMMPS)
    PetscCall(mtp_lammps_write(config, species->n, species->name, out));
  else if (binary)
    PetscCall(mtp_cfg_write_binary(config, out));
  else
    PetscCall(mtp_cfg_write(config, MTP_CFG_LOSSLESS, out));
  PetscFunctionReturn(0);
}

/* What the writer objects to, without the place in the program. */
static PetscErrorCode refuse(const char *verb, const char *path, PetscInt config, screen_exit *code)
{
  const char *said = screen_cli_error(), *end = strstr(said, " [");

  PetscFunctionBegin;
  PetscCall(screen_cli_refuse(verb, code, "%s: configuration %" PetscInt_FMT ": %.*s", path,
                              config + 1, (int)(end ? (size_t)(end - said) : strlen(said)), said));
  screen_cli_error_clear();
  PetscFunctionReturn(0);
}

/* All configurations in memory; *text is the caller's to free(), also after a refusal. */
static PetscErrorCode put_into_words(const char *verb, const mtp_config_list *list,
                                     const char *path, PetscBool binary,
                                     const screen_names *species, char **text, size_t *length,
                                     screen_exit *code)
{
  FILE *out = open_memstream(text, length);
  PetscErrorCode ierr = 0;

  PetscFunctionBegin;
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for the output");
  for (PetscInt c = 0; c < list->n && !ierr; c++) {
    ierr = write_one(&list->config[c], screen_file_kind_of(path), binary, species, out);
    if (ierr == PETSC_ERR_ARG_WRONG || ierr == PETSC_ERR_ARG_OUTOFRANGE)
      PetscCall(refuse(verb, path, c, code));
  }
  if (fclose(out) && !ierr) ierr = PETSC_ERR_MEM;
  if (*code == SCREEN_EXIT_DONE) PetscCall(ierr);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_config_write(const char *verb, const mtp_config_list *list, const char *path,
                                   PetscBool binary, const screen_names *species, screen_exit *code)
{
  char *text = NULL;
  size_t length = 0;
  int trouble = 0;
  FILE *out;

  PetscFunctionBegin;
  PetscCall(put_into_words(verb, list, path, binary, species, &text, &length, code));
  if (*code == SCREEN_EXIT_DONE) {
    out = fopen(path, "wb");
    if (!out || fwrite(text, 1, length, out) != length) trouble = errno ? errno : EIO;
    if (out && fclose(out) && !trouble) trouble = errno ? errno : EIO;
  }
  free(text);
  if (trouble) {
    fprintf(stderr, "liquidus %s: %s: cannot be written (%s)\n", verb, path, strerror(trouble));
    *code = SCREEN_EXIT_ENVIRONMENT;
  }
  PetscFunctionReturn(0);
}
