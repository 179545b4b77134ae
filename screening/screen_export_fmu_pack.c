/* screening/screen_export_fmu_pack.c - the archive of an FMU
 *
 * The shared objects and the sources of screening/fmu/ are part of this program
 * (screen_export_fmu_embed.S.in), so that an export needs no compiler and no installation. */
#include "screening/screen_export_fmu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

extern const unsigned char screen_fmu_binary2[], screen_fmu_binary2_end[];
extern const unsigned char screen_fmu_binary3[], screen_fmu_binary3_end[];
extern const unsigned char screen_fmu_table_h[], screen_fmu_table_h_end[];
extern const unsigned char screen_fmu_table_c[], screen_fmu_table_c_end[];
extern const unsigned char screen_fmu_table_read_c[], screen_fmu_table_read_c_end[];
extern const unsigned char screen_fmu_model_h[], screen_fmu_model_h_end[];
extern const unsigned char screen_fmu_model_c[], screen_fmu_model_c_end[];
extern const unsigned char screen_fmu_fmi2_h[], screen_fmu_fmi2_h_end[];
extern const unsigned char screen_fmu_fmi2_c[], screen_fmu_fmi2_c_end[];
extern const unsigned char screen_fmu_fmi2_prefix_h[], screen_fmu_fmi2_prefix_h_end[];
extern const unsigned char screen_fmu_fmi3_h[], screen_fmu_fmi3_h_end[];
extern const unsigned char screen_fmu_fmi3_c[], screen_fmu_fmi3_c_end[];
extern const unsigned char screen_fmu_fmi3_prefix_h[], screen_fmu_fmi3_prefix_h_end[];

/* Files of sources/, version 0: of both. */
static const struct {
  const char *name;
  int version;
  const unsigned char *begin, *end;
} sources[] = {{"fmu_table.h", 0, screen_fmu_table_h, screen_fmu_table_h_end},
               {"fmu_table.c", 0, screen_fmu_table_c, screen_fmu_table_c_end},
               {"fmu_table_read.c", 0, screen_fmu_table_read_c, screen_fmu_table_read_c_end},
               {"fmu_model.h", 0, screen_fmu_model_h, screen_fmu_model_h_end},
               {"fmu_model.c", 0, screen_fmu_model_c, screen_fmu_model_c_end},
               {"fmu_fmi2.h", 2, screen_fmu_fmi2_h, screen_fmu_fmi2_h_end},
               {"fmu_fmi2.c", 2, screen_fmu_fmi2_c, screen_fmu_fmi2_c_end},
               {"fmu_fmi2_prefix.h", 2, screen_fmu_fmi2_prefix_h, screen_fmu_fmi2_prefix_h_end},
               {"fmu_fmi3.h", 3, screen_fmu_fmi3_h, screen_fmu_fmi3_h_end},
               {"fmu_fmi3.c", 3, screen_fmu_fmi3_c, screen_fmu_fmi3_c_end},
               {"fmu_fmi3_prefix.h", 3, screen_fmu_fmi3_prefix_h, screen_fmu_fmi3_prefix_h_end}};

/* Archives ------------------------------------------------------------------------------------- */

typedef struct {
  zip_t *zip;
  zip_source_t *memory; /* the archive itself */
  PetscBool bad;
} archive;

enum { MODE_FILE = 0100644, MODE_PROGRAM = 0100755 };

/* One file of the archive; with free_it the bytes become the archive's. */
static void add(archive *a, const char *name, const void *bytes, size_t size, zip_uint32_t mode,
                PetscBool free_it)
{
  zip_source_t *source = zip_source_buffer(a->zip, bytes, size, free_it ? 1 : 0);
  zip_int64_t at = source ? zip_file_add(a->zip, name, source, ZIP_FL_ENC_UTF_8) : -1;

  if (at < 0) {
    if (source) zip_source_free(source);
    a->bad = PETSC_TRUE;
    return;
  }
  /* always the same time, so that the same results give the same archive */
  if (zip_file_set_mtime(a->zip, (zip_uint64_t)at, (time_t)946728000, 0) < 0 ||
      zip_file_set_external_attributes(a->zip, (zip_uint64_t)at, 0, ZIP_OPSYS_UNIX, mode << 16) < 0)
    a->bad = PETSC_TRUE;
}

/* The one file that a tool compiles: all others in it. */
static char *all_sources(const screen_fmu *m, int version)
{
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);

  if (!out) return NULL;
  fprintf(out, "/* fmu_all.c - everything of this FMU in one translation unit */\n");
  fprintf(out, "#ifndef _POSIX_C_SOURCE\n#define _POSIX_C_SOURCE 200809L\n#endif\n");
  fprintf(out, "#define FMU_LOCAL static\n");
  fprintf(out,
          "#if !defined(FMI%d_FUNCTION_PREFIX) && !defined(FMI%d_OVERRIDE_FUNCTION_PREFIX)\n"
          "#define FMI%d_FUNCTION_PREFIX %s_\n#endif\n",
          version, version, version, m->identifier);
  for (size_t k = 0; k < sizeof(sources) / sizeof(sources[0]); k++) {
    const size_t n = strlen(sources[k].name);

    if ((sources[k].version == 0 || sources[k].version == version) && sources[k].name[n - 1] == 'c')
      fprintf(out, "#include \"%s\"\n", sources[k].name);
  }
  fclose(out);
  return text;
}

static void add_text(archive *a, const char *name, char *text)
{
  if (text)
    add(a, name, text, strlen(text), MODE_FILE, PETSC_TRUE);
  else
    a->bad = PETSC_TRUE;
}

static void add_sources(archive *a, const screen_fmu *m, int version)
{
  char name[64];

  for (size_t k = 0; k < sizeof(sources) / sizeof(sources[0]); k++) {
    if (sources[k].version != 0 && sources[k].version != version) continue;
    snprintf(name, sizeof(name), "sources/%s", sources[k].name);
    add(a, name, sources[k].begin, (size_t)(sources[k].end - sources[k].begin), MODE_FILE,
        PETSC_FALSE);
  }
  add_text(a, "sources/fmu_all.c", all_sources(m, version));
}

static PetscErrorCode fill(archive *a, const screen_fmu *m, int version)
{
  char name[SCREEN_FMU_IDENTIFIER + 64], *text;
  const unsigned char *begin = version == 2 ? screen_fmu_binary2 : screen_fmu_binary3;
  const unsigned char *end = version == 2 ? screen_fmu_binary2_end : screen_fmu_binary3_end;

  PetscFunctionBegin;
  PetscCall(screen_fmu_description(m, version, &text));
  add_text(a, "modelDescription.xml", text);
  snprintf(name, sizeof(name), "binaries/%s/%s.so",
           version == 2 ? LIQUIDUS_FMU_PLATFORM2 : LIQUIDUS_FMU_PLATFORM3, m->identifier);
  add(a, name, begin, (size_t)(end - begin), MODE_PROGRAM, PETSC_FALSE);
  add(a, "resources/table.txt", m->table, m->size, MODE_FILE, PETSC_FALSE);
  add_sources(a, m, version);
  if (version == 3) {
    PetscCall(screen_fmu_build(m, &text));
    add_text(a, "sources/buildDescription.xml", text);
  }
  PetscCall(screen_fmu_page(m, &text));
  add_text(a, "documentation/index.html", text);
  PetscFunctionReturn(0);
}

/* The finished archive's bytes into a file. */
static PetscErrorCode copy_out(archive *a, FILE *out)
{
  char block[65536];
  zip_int64_t n;

  PetscFunctionBegin;
  PetscCheck(zip_source_open(a->memory) == 0, PETSC_COMM_SELF, PETSC_ERR_LIB, "zip: %s",
             zip_error_strerror(zip_source_error(a->memory)));
  while ((n = zip_source_read(a->memory, block, sizeof(block))) > 0)
    (void)fwrite(block, 1, (size_t)n, out); /* what went wrong is asked when it is closed */
  (void)zip_source_close(a->memory);
  PetscCheck(n == 0, PETSC_COMM_SELF, PETSC_ERR_LIB, "zip: an archive cannot be read back");
  PetscFunctionReturn(0);
}

static PetscErrorCode make_archive(archive *a, const screen_fmu *m, int version)
{
  zip_error_t error;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  zip_error_init(&error);
  a->memory = zip_source_buffer_create(NULL, 0, 0, &error);
  if (a->memory) a->zip = zip_open_from_source(a->memory, ZIP_CREATE | ZIP_TRUNCATE, &error);
  PetscCheck(a->zip, PETSC_COMM_SELF, PETSC_ERR_LIB, "zip: %s", zip_error_strerror(&error));
  zip_source_keep(a->memory);
  ierr = fill(a, m, version);
  if (!ierr && !a->bad && zip_close(a->zip) == 0) PetscFunctionReturn(0);
  zip_discard(a->zip);
  PetscCall(ierr);
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_LIB, "zip: an archive cannot be made");
}

PetscErrorCode screen_fmu_pack(const screen_fmu *m, int version)
{
  char name[SCREEN_DATASET_NAME + 24], stem[SCREEN_DATASET_NAME];
  screen_export_file file;
  archive a = {0};
  PetscErrorCode ierr;

  PetscFunctionBegin;
  screen_export_name(m->e->data->campaign, sizeof(stem), stem);
  snprintf(name, sizeof(name), "%s_fmi%d.fmu", stem, version);
  ierr = make_archive(&a, m, version);
  if (!ierr) ierr = screen_export_open(m->e, name, &file);
  if (!ierr) {
    ierr = copy_out(&a, file.out);
    PetscCall(screen_export_close(m->e, &file));
  }
  if (a.memory) zip_source_free(a.memory);
  PetscCall(ierr);
  PetscFunctionReturn(0);
}
