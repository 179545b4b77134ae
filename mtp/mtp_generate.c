/* mtp/mtp_generate.c - writes the graph of a standard level as straight-line C (run by the build)
 *
 * usage: mtp_generate LEVEL OUT.h
 *
 * The moment basis of the level (mtp_basis.c) goes through the same plan as a file
 * (mtp_plan_graph.c), and the plan's programs are written out: a table kernel reads an index and
 * two operands for each multiply-add, straight code has them in its instructions, keeps scaled
 * operands in registers and needs no loop.  Code is cut into functions of a few hundred operations
 * so that compilers stay fast. The signature of the plan goes along; a potential whose plan has the
 * same one may use the code.
 */
#include "mtp/mtp_plan.h"

#include <inttypes.h>
#include <stdlib.h>

enum { PART = 400 }; /* operations in a function */

typedef struct {
  FILE *out;
  const char *name, *arguments, *call; /* of the functions being written */
  int part, operations;
} writer;

static void open_part(writer *w)
{
  fprintf(w->out, "BLOCK %s_%d(%s)\n{\n", w->name, w->part++, w->arguments);
  w->operations = 0;
}

static void begin(writer *w, const char *name, const char *arguments, const char *call)
{
  w->name = name;
  w->arguments = arguments;
  w->call = call;
  w->part = 0;
  open_part(w);
}

static void end(writer *w)
{
  fprintf(w->out, "}\nstatic void %s(%s)\n{\n", w->name, w->arguments);
  for (int k = 0; k < w->part; k++) fprintf(w->out, "  %s_%d(%s);\n", w->name, k, w->call);
  fprintf(w->out, "}\n\n");
}

/* Between blocks only: scaled operands live in one function. */
static void maybe_cut(writer *w)
{
  if (w->operations < PART) return;
  fprintf(w->out, "}\n");
  open_part(w);
}

/* An operand: a moment, or a scaled copy that has a variable of its own. */
static void operand(const writer *w, const mtp_plan *plan, const char *array, uint32_t index)
{
  if (array[0] == 'M' && (PetscInt)index >= plan->ngradient) {
    fprintf(w->out, "y%u", index);
  } else {
    fprintf(w->out, "*V(%s, %u)", array, index);
  }
}

static const uint32_t *write_scaled(writer *w, const mtp_plan *plan, const mtp_run *run,
                                    const uint32_t *index, const double *coeff)
{
  for (int r = 0; r < run->rows; r++, index += 2) {
    fprintf(w->out, "  const vd y%u = %.1f * ", index[0], coeff[r]);
    operand(w, plan, "M", index[1]);
    fprintf(w->out, ";\n");
  }
  return index;
}

static const uint32_t *write_rows(writer *w, const mtp_plan *plan, const mtp_run *run,
                                  const uint32_t *index, const double *coeff)
{
  const char *to = run->kind == MTP_RUN_FORWARD ? "M" : "G";

  for (int r = 0; r < run->rows; r++) {
    fprintf(w->out, "  *V(%s, %u) %s ", to, *index++, run->kind == MTP_RUN_FORWARD ? "=" : "+=");
    if (run->kind == MTP_RUN_BACKSCALE) fprintf(w->out, "%.1f * (", coeff[r]);
    for (int k = 0; k < run->length; k++, index += 2) {
      if (k) fprintf(w->out, " + ");
      operand(w, plan, to, index[0]);
      fprintf(w->out, " * ");
      operand(w, plan, "M", index[1]);
    }
    fprintf(w->out, "%s;\n", run->kind == MTP_RUN_BACKSCALE ? ")" : "");
    w->operations += run->length;
  }
  return index;
}

/* A block begins with its scaled operands, or with rows after the rows of another kind. */
static void write_program(writer *w, const mtp_plan *plan, const mtp_program *program)
{
  const uint32_t *index = program->index;
  const double *coeff = program->coeff;
  PetscBool open = PETSC_FALSE;

  for (const mtp_run *run = program->run; run < program->run + program->nrun; run++) {
    if (run->kind == MTP_RUN_SCALE) {
      if (open) fprintf(w->out, "  }\n");
      maybe_cut(w);
      fprintf(w->out, "  {\n");
      open = PETSC_TRUE;
      index = write_scaled(w, plan, run, index, coeff);
      coeff += run->rows;
      continue;
    }
    if (!open) maybe_cut(w);
    index = write_rows(w, plan, run, index, coeff);
    if (run->kind == MTP_RUN_BACKSCALE) coeff += run->rows;
  }
  if (open) fprintf(w->out, "  }\n");
}

static void write_leaves(writer *w, const mtp_plan *plan)
{
  const uint32_t *index = plan->leaf.index;
  PetscInt c = 0;

  for (const mtp_run *run = plan->leaf.run; run < plan->leaf.run + plan->leaf.nrun; run++) {
    for (int r = 0; r < run->rows; r++) {
      maybe_cut(w);
      fprintf(w->out, "  *V(G, %u) += ", *index++);
      for (int k = 0; k < run->length; k++) {
        fprintf(w->out, "%s*V(M, %u) * c[%" PetscInt_FMT "]", k ? " + " : "", *index++, c++);
      }
      fprintf(w->out, ";\n");
      w->operations += run->length;
    }
  }
}

static PetscErrorCode make_plan(PetscInt level, mtp_plan **plan)
{
  mtp_potential *pot = NULL;

  PetscFunctionBegin;
  PetscCall(mtp_potential_create(level, 1, 2, 1.0, 2.0, &pot));
  PetscCall(PetscCalloc1(pot->radial_funcs * pot->radial_size, &pot->radial));
  PetscCall(PetscCalloc1(1, &pot->species_coeff));
  PetscCall(PetscCalloc1(pot->nscalar, &pot->moment_coeff));
  PetscCall(mtp_plan_create(pot, 1, PETSC_FALSE, plan));
  PetscCheck(*plan, PETSC_COMM_SELF, PETSC_ERR_PLIB, "The basis of a level has no plan");
  PetscCall(mtp_potential_destroy(&pot));
  PetscFunctionReturn(0);
}

static void write_plan(PetscInt level, const mtp_plan *plan, FILE *out)
{
  writer w = {.out = out};

  fprintf(out, "/* written by mtp_generate: the graph of level %" PetscInt_FMT " */\n", level);
  fprintf(out, "#define GRAPH_SIGNATURE UINT64_C(%" PRIu64 ")\n", plan->signature);
  fprintf(out, "#define V(array, k) ((vd *)(void *)((array) + (k)*LANES))\n\n");
  begin(&w, "graph_forward", "double *restrict M", "M");
  write_program(&w, plan, &plan->forward);
  end(&w);
  begin(&w, "graph_leaf", "double *restrict M, double *restrict G, const double *restrict c",
        "M, G, c");
  write_leaves(&w, plan);
  end(&w);
  begin(&w, "graph_backward", "double *restrict M, double *restrict G", "M, G");
  write_program(&w, plan, &plan->backward);
  end(&w);
}

/* Beside the file first, so that an error leaves no half of it. */
static PetscErrorCode generate(PetscInt level, const char *path)
{
  char part[PETSC_MAX_PATH_LEN];
  mtp_plan *plan = NULL;
  FILE *out;

  PetscFunctionBegin;
  PetscCall(make_plan(level, &plan));
  (void)snprintf(part, sizeof(part), "%s.part", path);
  out = fopen(part, "w");
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "%s cannot be written", part);
  write_plan(level, plan, out);
  PetscCheck(!fclose(out) && !rename(part, path), PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE,
             "%s cannot be written", path);
  PetscCall(mtp_plan_destroy(&plan));
  PetscFunctionReturn(0);
}

/* Without PetscInitialize(), which would start MPI: a build may run where no MPI program may. */
int main(int argc, char **argv)
{
  if (argc != 3) {
    fprintf(stderr, "usage: mtp_generate LEVEL OUT.h\n");
    return 2;
  }
  return generate((PetscInt)strtol(argv[1], NULL, 10), argv[2]) ? 1 : 0;
}
