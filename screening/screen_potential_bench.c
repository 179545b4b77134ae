/* screening/screen_potential_bench.c - `liquidus potential bench FILE`: what a potential costs here
 *
 * On the benchmark structure of mtp_bench.h, so that numbers of different potentials, machines and
 * programs can be compared.
 */
#include "screening/screen_potential_bench.h"

#include "mtp/mtp_bench.h"
#include "screening/screen_cli.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char verb[] = "potential bench";

enum { DEFAULT_ATOMS = 864, MAX_ATOMS = 10000000 };

typedef struct {
  const char *file;
  PetscInt atoms;
  mtp_engine_options engine;
  PetscBool json;
} bench_options;

/* Arguments ---------------------------------------------------------------------------------- */

static PetscErrorCode parse_atoms(const char *value, bench_options *o, screen_exit *code)
{
  char *end;
  long number;

  PetscFunctionBegin;
  errno = 0;
  number = strtol(value, &end, 10);
  if (errno || value[0] < '0' || value[0] > '9' || *end || number < 1 || number > MAX_ATOMS) {
    PetscCall(screen_cli_refuse(verb, code, "--atoms is '%s', wanted a whole number from 1 to %d",
                                value, MAX_ATOMS));
  }
  o->atoms = (PetscInt)number;
  PetscFunctionReturn(0);
}

/* "auto, reference, portable": all kernels, or those that run here */
static void list_kernels(PetscBool available, char text[], size_t size)
{
  text[0] = 0;
  for (int k = 0; k < MTP_KERNEL_COUNT; k++) {
    const size_t used = strlen(text);

    if (available && !mtp_kernel_available((mtp_kernel_kind)k)) continue;
    (void)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
                   mtp_kernel_name((mtp_kernel_kind)k));
  }
}

static PetscErrorCode parse_kernel(const char *value, bench_options *o, screen_exit *code)
{
  char list[128];

  PetscFunctionBegin;
  if (!mtp_kernel_find(value, &o->engine.kernel)) {
    list_kernels(PETSC_FALSE, list, sizeof(list));
    PetscCall(screen_cli_refuse(verb, code, "--kernel is '%s', wanted one of %s", value, list));
  } else if (!mtp_kernel_available(o->engine.kernel)) {
    list_kernels(PETSC_TRUE, list, sizeof(list));
    PetscCall(screen_cli_refuse(verb, code,
                                "--kernel is '%s', which this processor cannot run; it can run %s",
                                value, list));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode parse_value(const char *option, const char *value, bench_options *o,
                                  screen_exit *code)
{
  PetscFunctionBegin;
  if (!value) {
    PetscCall(screen_cli_refuse(verb, code, "%s wants a value", option));
  } else if (!strcmp(option, "--atoms")) {
    PetscCall(parse_atoms(value, o, code));
  } else {
    PetscCall(parse_kernel(value, o, code));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode parse_arguments(int argc, char **argv, bench_options *o, screen_exit *code)
{
  PetscFunctionBegin;
  *o = (bench_options){.atoms = DEFAULT_ATOMS};
  for (int i = 0; i < argc && *code == SCREEN_EXIT_DONE; i++) {
    const char *word = argv[i];

    if (!strcmp(word, "--json")) {
      o->json = PETSC_TRUE;
    } else if (!strcmp(word, "--tables")) {
      o->engine.tables = PETSC_TRUE;
    } else if (!strcmp(word, "--atoms") || !strcmp(word, "--kernel")) {
      PetscCall(parse_value(word, i + 1 < argc ? argv[i + 1] : NULL, o, code));
      i++;
    } else if (word[0] == '-' && word[1]) {
      PetscCall(screen_cli_refuse(
          verb, code, "got option %s, wanted --atoms, --kernel, --tables or --json", word));
    } else if (!o->file) {
      o->file = word;
    } else {
      PetscCall(screen_cli_refuse(verb, code, "got '%s' after FILE", word));
    }
  }
  if (*code == SCREEN_EXIT_DONE && !o->file)
    PetscCall(screen_cli_refuse(verb, code, "wanted a potential (.mtp, .almtp)"));
  PetscFunctionReturn(0);
}

/* Output ------------------------------------------------------------------------------------- */

static PetscReal percent_more(PetscReal more, PetscReal less)
{
  return 100.0 * (more / less - 1.0);
}

static void print_kernel(const bench_options *o, const mtp_bench_result *r)
{
  const char *asked = mtp_kernel_name(o->engine.kernel);

  printf("  %-16s %s, %" PetscInt_FMT " lane%s", "kernel", r->engine.kernel, r->engine.lanes,
         r->engine.lanes == 1 ? "" : "s");
  if (r->operations > 0.0) printf(", %s", r->engine.generated ? "generated code" : "tables");
  if (!(r->operations > 0.0) && o->engine.kernel != MTP_KERNEL_REFERENCE)
    printf(" (not %s: the fast kernels do not know tables of this form)", asked);
  putchar('\n');
}

/* What the kernel is compared with. */
static void print_floor(const mtp_bench_result *r)
{
  printf("  %-16s %.2f thousand million multiply-adds a second\n", "peak", (double)r->peak / 1e9);
  if (!(r->operations > 0.0)) {
    printf("  %-16s not counted for the reference kernel\n", "operations");
    return;
  }
  printf("  %-16s %.0f multiply-adds an atom, counted from the tables\n", "operations",
         (double)r->operations);
  printf("  %-16s %.1f ns an atom, operations at the peak\n", "floor", (double)r->floor);
  printf("  %-16s %.2f: forces are so many times the floor\n", "ratio", (double)r->ratio);
}

static void print_machine(const mtp_bench_result *r)
{
  char processor[320];

  mtp_bench_processor(processor, sizeof(processor));
  printf("  %-16s %s, core %" PetscInt_FMT "\n", "processor", processor, r->core);
  printf("  %-16s %" PetscInt_FMT ", each number is the smallest; %.0f %% of the core's time were "
         "ours, ",
         "rounds", r->rounds, 100.0 * (double)r->share);
  if (r->stolen < 0.0)
    printf("how much was stolen is not known\n");
  else
    printf("%.1f %% were stolen\n", 100.0 * (double)r->stolen);
}

static void print_text(const bench_options *o, const mtp_potential_info *info,
                       const mtp_bench_result *r)
{
  printf("%s\n", o->file);
  printf("  %-16s %" PetscInt_FMT " atoms, %" PetscInt_FMT " species, cut-off %g Å, skin %g Å\n",
         "structure", r->atoms, info->nspecies, (double)info->cutoff, MTP_BENCH_SKIN);
  printf("  %-16s %.1f an atom closer than the cut-off, %.1f in the list\n", "neighbours",
         (double)r->neighbours, (double)r->entries);
  print_kernel(o, r);
  printf("  %-16s %.1f ns an atom and step\n", "forces", (double)r->forces);
  printf("  %-16s %.1f ns with energies and virial, %+.1f %%\n", "", (double)r->energies,
         (double)percent_more(r->energies, r->forces));
  printf("  %-16s %.1f ns with the virial of each atom, %+.1f %%\n", "", (double)r->atom_virial,
         (double)percent_more(r->atom_virial, r->forces));
  print_floor(r);
  print_machine(r);
}

/* NULL in JSON for what is not known */
static json_t *number_or_null(PetscReal value, PetscBool known)
{
  return known ? json_real((double)value) : json_null();
}

static json_t *make_json(const bench_options *o, const mtp_potential_info *info,
                         const mtp_bench_result *r)
{
  const PetscBool counted = (PetscBool)(r->operations > 0.0);
  char processor[320];

  mtp_bench_processor(processor, sizeof(processor));
  return json_pack(
      "{s:s, s:o, s:I, s:I, s:f, s:f, s:f, s:f, s:s, s:b, s:I, s:f, s:f, s:f, s:f, s:o, s:o, s:o, "
      "s:s, s:I, s:I, s:f, s:o}",
      "file", o->file, "level", info->level > 0 ? json_integer(info->level) : json_null(),
      "species", (json_int_t)info->nspecies, "atoms", (json_int_t)r->atoms, "cutoff",
      (double)info->cutoff, "skin", MTP_BENCH_SKIN, "neighbours", (double)r->neighbours,
      "list_entries", (double)r->entries, "kernel", r->engine.kernel, "generated",
      (int)r->engine.generated, "lanes", (json_int_t)r->engine.lanes, "ns_per_atom",
      (double)r->forces, "ns_per_atom_energies", (double)r->energies, "ns_per_atom_atom_virial",
      (double)r->atom_virial, "peak_multiply_adds_per_second", (double)r->peak,
      "operations_per_atom", number_or_null(r->operations, counted), "floor_ns_per_atom",
      number_or_null(r->floor, counted), "ratio", number_or_null(r->ratio, counted), "processor",
      processor, "core", (json_int_t)r->core, "rounds", (json_int_t)r->rounds, "core_share",
      (double)r->share, "stolen", number_or_null(r->stolen, (PetscBool)(r->stolen >= 0.0)));
}

static PetscErrorCode print_json(const bench_options *o, const mtp_potential_info *info,
                                 const mtp_bench_result *r)
{
  json_t *root = make_json(o, info, r);
  char *text =
      root ? json_dumps(root, JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9)) : NULL;

  PetscFunctionBegin;
  json_decref(root);
  /* the only text in it that may be wrong is the file's name */
  PetscCheck(text, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for JSON, or %s is not UTF-8",
             o->file);
  printf("%s\n", text);
  free(text);
  PetscFunctionReturn(0);
}

/* -------------------------------------------------------------------------------------------- */

static PetscErrorCode run_bench(const bench_options *o, const mtp_potential *pot)
{
  const mtp_bench_options options = {
      .engine = o->engine, .rounds = MTP_BENCH_ROUNDS, .skin = MTP_BENCH_SKIN};
  mtp_potential_info info;
  mtp_bench_result result;
  mtp_config config;

  PetscFunctionBegin;
  PetscCall(mtp_potential_get_info(pot, &info));
  PetscCall(mtp_bench_system(o->atoms, info.nspecies, &config));
  PetscCall(mtp_bench_run(pot, &config, &options, &result));
  PetscCall(mtp_config_clear(&config));
  if (o->json)
    PetscCall(print_json(o, &info, &result));
  else
    print_text(o, &info, &result);
  PetscFunctionReturn(0);
}

PetscErrorCode screen_potential_bench(int argc, char **argv, screen_exit *code)
{
  bench_options o;
  mtp_potential *pot = NULL;
  mtp_diag diag = {0};

  PetscFunctionBegin;
  PetscCall(parse_arguments(argc, argv, &o, code));
  if (*code != SCREEN_EXIT_DONE) PetscFunctionReturn(0);
  PetscCall(mtp_potential_read(o.file, &pot, &diag));
  if (pot && !mtp_potential_trained(pot))
    PetscCall(mtp_diag_add(&diag, o.file, 0, 0,
                           "the potential has no coefficients (untrained), wanted a trained one"));
  PetscCall(screen_cli_report(&diag, code));
  if (!diag.n) PetscCall(run_bench(&o, pot));
  PetscCall(mtp_potential_destroy(&pot));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}
