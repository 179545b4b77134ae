/* screening/screen_campaign_potential.c - the potential of a campaign, or its committee
 *
 * Several files are a committee: potentials of the same species that each run replicas of their own
 * at all points.  They must differ: the same potential twice would count its agreement with itself.
 * The first of them is also the campaign's potential, so that all that needs one has one.
 */
#include "screening/screen_campaign_impl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mtp/mtp_potential.h"
#include "screening/screen_sha256.h"

PetscInt screen_campaign_members(const screen_campaign *c)
{
  return PetscMax(1, c->nmember);
}

/* What the campaign needs of a potential that could be read. */
static PetscErrorCode check_potential(screen_reader *r, const screen_yaml *file,
                                      const mtp_potential *pot, screen_member *m)
{
  const screen_yaml *species = screen_schema_node(r->root, "potential.species");
  mtp_potential_info info;
  char shown[128];

  PetscFunctionBegin;
  screen_shown(file->text, sizeof(shown), shown);
  PetscCall(mtp_potential_get_info(pot, &info));
  m->has_active_set = info.has_selection;
  if (!info.trained) {
    PetscCall(
        screen__note(r, file, "got '%s', which has no coefficients, wanted a trained one", shown));
  }
  if (species && info.nspecies != species->n) {
    PetscCall(screen__note(r, species,
                           "got %" PetscInt_FMT " elements, wanted %" PetscInt_FMT
                           ", the number of species in '%s'",
                           species->n, info.nspecies, shown));
  }
  PetscFunctionReturn(0);
}

/* What `run` would say of the first file that is not there, kept for `plan`. */
static PetscErrorCode note_missing(screen_reader *r, const screen_yaml *file, screen_member *m)
{
  char text[512], shown[128];

  PetscFunctionBegin;
  m->sha256[0] = '\0';
  if (r->c->potential_missing) PetscFunctionReturn(0);
  snprintf(text, sizeof(text), "%.200s:%d:%d: %s: '%s' does not exist", r->c->file, (int)file->line,
           (int)file->column, file->path, screen_shown(file->text, sizeof(shown), shown));
  PetscCall(PetscStrallocpy(text, &r->c->potential_missing));
  PetscFunctionReturn(0);
}

/* One file; m->file is set whatever is wrong with it. */
static PetscErrorCode read_member(screen_reader *r, const screen_yaml *file, screen_member *m)
{
  mtp_potential *pot = NULL;
  PetscErrorCode ierr = 0;
  char shown[128];
  int error;

  PetscFunctionBegin;
  PetscCall(screen__resolve(r, file->text, &m->file));
  PetscCall(screen_sha256_file(m->file, m->sha256, &error));
  if (error == ENOENT && r->planning) {
    PetscCall(note_missing(r, file, m));
    PetscFunctionReturn(0);
  }
  if (error) {
    m->sha256[0] = '\0';
    PetscCall(screen__note(r, file, "got '%s' (%s), wanted a potential that can be read",
                           screen_shown(file->text, sizeof(shown), shown), strerror(error)));
    PetscFunctionReturn(0);
  }
  PetscCall(mtp_potential_read(m->file, &pot, &r->files));
  if (pot) ierr = check_potential(r, file, pot, m);
  PetscCall(mtp_potential_destroy(&pot));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* "b" of ../potentials/b.almtp; "b_2" where an earlier member has that name. */
static void name_member(const char *file, PetscInt m, screen_member member[])
{
  const char *slash = strrchr(file, '/'), *begin = slash ? slash + 1 : file;
  const char *dot = strrchr(begin, '.');
  const int n = (int)PetscMin(dot && dot > begin ? (size_t)(dot - begin) : strlen(begin), 50);
  PetscInt again = 1;

  snprintf(member[m].name, SCREEN_NAME_MAX, "%.*s", n, begin);
  for (PetscInt k = 0; k < m; k++) {
    if (strcmp(member[k].name, member[m].name) != 0) continue;
    snprintf(member[m].name, SCREEN_NAME_MAX, "%.*s_%" PetscInt_FMT, n, begin, ++again);
    k = -1;
  }
}

static PetscErrorCode check_different(screen_reader *r, const screen_yaml *list, PetscInt m)
{
  const screen_member *member = r->c->member;
  char shown[128], other[128];

  PetscFunctionBegin;
  for (PetscInt k = 0; k < m; k++) {
    if (!member[m].sha256[0] || strcmp(member[k].sha256, member[m].sha256) != 0) continue;
    PetscCall(screen__note(r, list->child[m], "got '%s', the same bytes as '%s', wanted another %s",
                           screen_shown(list->child[m]->text, sizeof(shown), shown),
                           screen_shown(list->child[k]->text, sizeof(other), other),
                           "potential for each member of a committee"));
    break;
  }
  PetscFunctionReturn(0);
}

/* The first member, or the only file, as the campaign's potential. */
static PetscErrorCode take_first(screen_campaign *c, const screen_member *first)
{
  PetscFunctionBegin;
  PetscCall(PetscStrallocpy(first->file, &c->potential_file));
  PetscCall(PetscMemcpy(c->potential_sha256, first->sha256, sizeof(first->sha256)));
  c->has_active_set = first->has_active_set;
  PetscFunctionReturn(0);
}

static PetscErrorCode read_files(screen_reader *r, const screen_yaml *file)
{
  const PetscInt n = file->kind == SCREEN_YAML_LIST ? file->n : 1;
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(n, &c->member));
  for (c->nmember = 0; c->nmember < n; c->nmember++) {
    const PetscInt m = c->nmember;
    const screen_yaml *each = file->kind == SCREEN_YAML_LIST ? file->child[m] : file;

    PetscCall(read_member(r, each, &c->member[m]));
    name_member(each->text, m, c->member);
    if (n > 1) PetscCall(check_different(r, file, m));
  }
  PetscCall(take_first(c, &c->member[0]));
  if (n > 1) PetscFunctionReturn(0);
  PetscCall(PetscFree(c->member[0].file));
  PetscCall(PetscFree(c->member));
  c->nmember = 0;
  PetscFunctionReturn(0);
}

PetscErrorCode screen__read_potential(screen_reader *r)
{
  const screen_yaml *file = screen_schema_node(r->root, "potential.file");
  screen_campaign *c = r->c;

  PetscFunctionBegin;
  c->grade_save = screen_schema_real(r->root, "potential.extrapolation.save");
  c->grade_break = screen_schema_real(r->root, "potential.extrapolation.break");
  c->model = (screen_model)screen_schema_choice(r->root, "potential.type");
  PetscCall(screen__read_pairs(r));
  if (!file || c->model != SCREEN_MTP) PetscFunctionReturn(0);
  PetscCall(read_files(r, file));
  PetscFunctionReturn(0);
}
