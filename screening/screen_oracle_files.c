/* screening/screen_oracle_files.c - any program, by files of configurations
 *
 * In the folder of the job: in.cfg (types as numbers) and in.xyz (elements), one configuration with
 * the feature ID.  The program leaves out.cfg or out.xyz with the same atoms in the same order,
 * energy, forces and stress; out.cfg is taken where both are.
 */
#include "screening/screen_oracle_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* [Å] Positions and cell vectors may come back with so much of a difference: six decimals. */
static const PetscReal SAME = 1e-6;

/* What the program is to see: geometry and ID. */
static PetscErrorCode bare(const mtp_config *asked, mtp_config *config)
{
  PetscFunctionBegin;
  PetscCall(mtp_config_create(asked->n, config));
  config->nlattice = asked->nlattice;
  memcpy(config->h, asked->h, sizeof(config->h));
  PetscCall(PetscArraycpy(config->x, asked->x, 3 * asked->n));
  PetscCall(PetscArraycpy(config->type, asked->type, asked->n));
  PetscCall(mtp_config_set_feature(config, "ID", mtp_config_feature(asked, "ID")));
  PetscFunctionReturn(0);
}

static PetscErrorCode put(const screen_oracle_job *job, const mtp_config *config, PetscBool xyz)
{
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCheck(out, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for an input");
  ierr = xyz ? mtp_xyz_write(config, job->species->n, job->species->name, out)
             : mtp_cfg_write(config, MTP_CFG_LOSSLESS, out);
  (void)fclose(out);
  if (!ierr) ierr = screen__oracle_write(job->folder, xyz ? "in.xyz" : "in.cfg", text, length);
  free(text);
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

static PetscErrorCode write_input(const screen_oracle_job *job, screen_refusal *why)
{
  mtp_config config;

  PetscFunctionBegin;
  (void)why;
  PetscCall(bare(job->asked, &config));
  PetscCall(put(job, &config, PETSC_FALSE));
  PetscCall(put(job, &config, PETSC_TRUE));
  PetscCall(mtp_config_clear(&config));
  PetscFunctionReturn(0);
}

static PetscBool same_atoms(const mtp_config *asked, const mtp_config *got, const char *name,
                            screen_refusal *why)
{
  if (got->n != asked->n) {
    screen__oracle_refuse(why, PETSC_FALSE,
                          "%s: got %" PetscInt_FMT " atoms, wanted %" PetscInt_FMT, name, got->n,
                          asked->n);
    return PETSC_FALSE;
  }
  for (PetscInt i = 0; i < got->n; i++) {
    if (got->type[i] == asked->type[i]) continue;
    screen__oracle_refuse(why, PETSC_FALSE,
                          "%s: atom %" PetscInt_FMT ": got type %" PetscInt_FMT
                          ", wanted %" PetscInt_FMT ": the order of in.cfg",
                          name, i + 1, got->type[i], asked->type[i]);
    return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

static PetscBool same_geometry(const mtp_config *asked, const mtp_config *got, const char *name,
                               screen_refusal *why)
{
  PetscReal worst = 0.0;

  for (int a = 0; a < 9 && got->nlattice == asked->nlattice; a++)
    worst = PetscMax(worst, PetscAbsReal(got->h[a / 3][a % 3] - asked->h[a / 3][a % 3]));
  if (got->nlattice != asked->nlattice || !(worst <= SAME)) {
    screen__oracle_refuse(why, PETSC_FALSE,
                          "%s: got another cell than in.cfg, wanted one within 1e-6 A", name);
    return PETSC_FALSE;
  }
  for (PetscInt i = 0; i < got->n; i++) {
    for (int a = 0; a < 3; a++) {
      const PetscReal off = PetscAbsReal(got->x[3 * i + a] - asked->x[3 * i + a]);

      if (off <= SAME) continue;
      screen__oracle_refuse(why, PETSC_FALSE,
                            "%s: atom %" PetscInt_FMT ": got a position %.3g A from that of "
                            "in.cfg, wanted one within 1e-6 A, not wrapped",
                            name, i + 1, (double)off);
      return PETSC_FALSE;
    }
  }
  return PETSC_TRUE;
}

static PetscErrorCode take(const mtp_config *got, const char *name, mtp_config *label,
                           screen_refusal *why)
{
  PetscFunctionBegin;
  if (!same_atoms(label, got, name, why) || !same_geometry(label, got, name, why))
    PetscFunctionReturn(0);
  if (!got->has_energy || !got->force || !got->has_stress) {
    screen__oracle_refuse(why, PETSC_FALSE, "%s: got no %s", name,
                          !got->has_energy ? "energy"
                          : !got->force    ? "forces"
                                           : "stress");
    PetscFunctionReturn(0);
  }
  PetscCall(PetscMalloc1(3 * got->n, &label->force));
  PetscCall(PetscArraycpy(label->force, got->force, 3 * got->n));
  label->has_energy = label->has_stress = PETSC_TRUE;
  label->energy = got->energy;
  memcpy(label->stress, got->stress, sizeof(label->stress));
  PetscFunctionReturn(0);
}

static PetscErrorCode read_output(const screen_oracle_job *job, mtp_config *label,
                                  screen_refusal *why)
{
  const char *name = "out.cfg";
  char *text, said[64];
  size_t length;
  mtp_config_list list = {0};
  mtp_diag diag = {0};

  PetscFunctionBegin;
  if (job->status != 0) {
    screen__oracle_refuse(why, PETSC_FALSE, "%s",
                          screen_process_said(job->status, sizeof(said), said));
    PetscFunctionReturn(0);
  }
  PetscCall(screen__oracle_load(job->folder, name, &text, &length));
  if (text) {
    PetscCall(mtp_cfg_parse(name, text, length, &list, &diag));
  } else {
    name = "out.xyz";
    PetscCall(screen__oracle_load(job->folder, name, &text, &length));
    if (text)
      PetscCall(
          mtp_xyz_parse(name, text, length, job->species->n, job->species->name, &list, &diag));
  }
  if (!text)
    screen__oracle_refuse(why, PETSC_FALSE, "got neither out.cfg nor out.xyz");
  else if (diag.n > 0)
    screen__oracle_refuse(why, PETSC_FALSE, "%s", diag.text[0]);
  else if (list.n != 1)
    screen__oracle_refuse(why, PETSC_FALSE, "%s: got %" PetscInt_FMT " configurations, wanted one",
                          name, list.n);
  else
    PetscCall(take(&list.config[0], name, label, why));
  PetscCall(PetscFree(text));
  PetscCall(mtp_config_list_clear(&list));
  PetscCall(mtp_diag_clear(&diag));
  PetscFunctionReturn(0);
}

const screen_oracle_kind screen__oracle_files = {
    .by = "oracle", .write = write_input, .read = read_output};
