/* screening/screen_pairs.c - Lennard-Jones and Tosi-Fumi parameters from the campaign file
 *
 * What was read is written down as a text of one fact a line.  Its hash stands for the potential in
 * the keys of points, and the text goes into the results where the bytes of a file would.
 */
#include "screening/screen_pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "md/md_ewald.h"
#include "screening/screen_campaign_impl.h"
#include "screening/screen_sha256.h"

#define CLOSEST 0.75 /* shortest distance of Lennard-Jones atoms over the smallest sigma */

enum { LJ = 1 << SCREEN_LJ, TOSI_FUMI = 1 << SCREEN_TOSI_FUMI, MTP = 1 << SCREEN_MTP };
static const char *const types[] = {"mtp", "lj", "tosi-fumi"};

/* Keys and types ---------------------------------------------------------------------------- */

static const struct {
  const char *key;
  int of, required; /* types that have it, that need it */
} keys[] = {{"file", MTP, MTP},
            {"extrapolation", MTP, 0},
            {"cutoff", LJ | TOSI_FUMI, LJ | TOSI_FUMI},
            {"truncation", LJ | TOSI_FUMI, 0},
            {"pairs", LJ | TOSI_FUMI, LJ},
            {"salt", TOSI_FUMI, 0},
            {"accuracy", TOSI_FUMI, 0}};

static PetscErrorCode check_keys(screen_reader *r, const screen_yaml *map)
{
  const int type = 1 << r->c->model;

  PetscFunctionBegin;
  for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
    const screen_yaml *node = screen_yaml_get(map, keys[k].key);
    char path[64], wanted[256];

    if (node && !node->refused && !(keys[k].of & type)) {
      PetscCall(screen_notes_add(&r->notes, node->key_line, node->key_column, node->path,
                                 "got a key that type %s does not have, wanted it left out",
                                 types[r->c->model]));
    } else if (!node && (keys[k].required & type)) {
      snprintf(path, sizeof(path), "potential.%s", keys[k].key);
      PetscCall(screen__note_missing(
          r, map, keys[k].key,
          screen_key_describe(screen_schema_key(path), sizeof(wanted), wanted)));
    }
  }
  PetscFunctionReturn(0);
}

/* Pairs ------------------------------------------------------------------------------------- */

PetscBool screen__find_pair(const screen_campaign *c, const char *name, PetscInt pair[2])
{
  const char *dash = strchr(name, '-');
  char first[8];

  snprintf(first, sizeof(first), "%.*s", dash ? (int)(dash - name) : 7, name);
  pair[0] = screen__species(c, first);
  pair[1] = dash ? screen__species(c, dash + 1) : pair[0];
  return (PetscBool)(pair[0] >= 0 && pair[1] >= 0);
}

static const char *const lj_fields[] = {"epsilon", "sigma"};
static const char *const tosi_fumi_fields[] = {"A", "rho", "sigma", "C", "D"};

/* The numbers of one pair, all of them needed and no others. */
static PetscErrorCode read_fields(screen_reader *r, const screen_yaml *map, PetscInt n,
                                  const char *const field[], PetscReal value[])
{
  PetscFunctionBegin;
  for (PetscInt k = 0; k < n; k++) {
    const screen_yaml *node = screen_yaml_get(map, field[k]);
    char path[64], text[256];
    const screen_key *key;

    snprintf(path, sizeof(path), "potential.pairs.*.%s", field[k]);
    key = screen_schema_key(path);
    if (!node) {
      PetscCall(
          screen__note_missing(r, map, field[k], screen_key_describe(key, sizeof(text), text)));
    } else if (!node->refused) {
      screen_quantity_parse(node->text, key->dimension, &value[k], text);
    }
  }
  for (PetscInt i = 0; i < map->n; i++) {
    const screen_yaml *node = map->child[i];
    PetscBool known = node->refused;

    for (PetscInt k = 0; k < n; k++) known = (PetscBool)(known || !strcmp(field[k], node->key));
    if (known) continue;
    PetscCall(screen_notes_add(&r->notes, node->key_line, node->key_column, node->path,
                               "got a key that type %s does not have, wanted it left out",
                               types[r->c->model]));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode set_pair(screen_reader *r, const screen_yaml *map, PetscInt i, PetscInt j)
{
  screen_pairs *p = &r->c->pairs;
  const PetscInt n = r->c->nspecies, ij = i * n + j, ji = j * n + i;
  PetscReal v[5] = {0.0};

  PetscFunctionBegin;
  if (r->c->model == SCREEN_LJ) {
    PetscCall(read_fields(r, map, 2, lj_fields, v));
    p->epsilon[ij] = p->epsilon[ji] = v[0];
    p->sigma[ij] = p->sigma[ji] = v[1];
    PetscFunctionReturn(0);
  }
  PetscCall(read_fields(r, map, 5, tosi_fumi_fields, v));
  p->born[ij] = (md_tosi_fumi_pair){.a = v[0], .rho = v[1], .sigma = v[2], .c = v[3], .d = v[4]};
  p->born[ji] = p->born[ij];
  PetscFunctionReturn(0);
}

/* Every pair that was given; given [nspecies,nspecies]. */
static PetscErrorCode read_given(screen_reader *r, const screen_yaml *map, PetscBool given[])
{
  const PetscInt n = r->c->nspecies;

  PetscFunctionBegin;
  for (PetscInt k = 0; k < map->n; k++) {
    const screen_yaml *node = map->child[k];
    PetscInt s[2];

    if (node->refused) continue;
    if (!screen__find_pair(r->c, node->key, s)) {
      PetscCall(screen_notes_add(&r->notes, node->key_line, node->key_column, node->path,
                                 "got '%s', wanted elements of potential.species, such as Ar-Kr",
                                 node->key));
    } else if (given[s[0] * n + s[1]]) {
      PetscCall(screen_notes_add(&r->notes, node->key_line, node->key_column, node->path,
                                 "got the pair a second time, wanted it once"));
    } else {
      PetscCall(set_pair(r, node, s[0], s[1]));
      given[s[0] * n + s[1]] = given[s[1] * n + s[0]] = PETSC_TRUE;
    }
  }
  PetscFunctionReturn(0);
}

/* Unlike pairs of Lennard-Jones atoms may be left out, no others. */
static PetscErrorCode complete_pairs(screen_reader *r, const screen_yaml *map,
                                     const PetscBool given[])
{
  const screen_campaign *c = r->c;
  const screen_pairs *p = &c->pairs;
  const PetscInt n = c->nspecies;

  PetscFunctionBegin;
  for (PetscInt i = 0; i < n; i++) {
    for (PetscInt j = i; j < n; j++) {
      PetscReal e[4], s[4];
      char name[16];

      if (given[i * n + j]) continue;
      if (c->model != SCREEN_LJ || i == j) {
        snprintf(name, sizeof(name), i == j ? "%s" : "%s-%s", c->species[i], c->species[j]);
        PetscCall(screen__note_missing(r, map, name, "the parameters of this pair"));
        continue;
      }
      e[0] = p->epsilon[i * n + i], e[3] = p->epsilon[j * n + j];
      s[0] = p->sigma[i * n + i], s[3] = p->sigma[j * n + j];
      md_lorentz_berthelot(2, e, s);
      p->epsilon[i * n + j] = p->epsilon[j * n + i] = e[1];
      p->sigma[i * n + j] = p->sigma[j * n + i] = s[1];
    }
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode read_explicit(screen_reader *r, const screen_yaml *map)
{
  PetscBool *given;
  PetscErrorCode ierr;

  PetscFunctionBegin;
  PetscCall(PetscCalloc1(r->c->nspecies * r->c->nspecies, &given));
  ierr = read_given(r, map, given);
  if (!ierr) ierr = complete_pairs(r, map, given);
  PetscCall(PetscFree(given));
  PetscCall(ierr);
  PetscFunctionReturn(0);
}

/* Parameters of a salt in the order of potential.species. */
static PetscErrorCode read_salt(screen_reader *r, const screen_yaml *node)
{
  screen_campaign *c = r->c;
  md_tosi_fumi_salt salt;
  PetscInt ion[2];

  PetscFunctionBegin;
  if (!md_tosi_fumi_find(node->text, &salt)) {
    PetscCall(
        screen__note(r, node, "got '%s', wanted one of %s", node->text, md_tosi_fumi_names()));
    PetscFunctionReturn(0);
  }
  ion[0] = screen__species(c, salt.cation);
  ion[1] = screen__species(c, salt.anion);
  if (c->nspecies != 2 || ion[0] < 0 || ion[1] < 0) {
    PetscCall(screen__note(r, node, "got '%s', wanted potential.species to be [%s, %s]", node->text,
                           salt.cation, salt.anion));
    PetscFunctionReturn(0);
  }
  for (int i = 0; i < 2; i++) {
    for (int j = 0; j < 2; j++) c->pairs.born[ion[i] * 2 + ion[j]] = salt.pair[i + j];
  }
  PetscFunctionReturn(0);
}

PetscErrorCode screen__read_pairs(screen_reader *r)
{
  const screen_yaml *map = screen_schema_node(r->root, "potential"),
                    *pairs = screen_schema_node(r->root, "potential.pairs"),
                    *salt = screen_schema_node(r->root, "potential.salt");
  screen_campaign *c = r->c;
  const PetscInt n2 = c->nspecies * c->nspecies;

  PetscFunctionBegin;
  if ((int)c->model < 0) c->model = SCREEN_MTP;
  if (!map) PetscFunctionReturn(0);
  PetscCall(check_keys(r, map));
  if (c->model == SCREEN_MTP) PetscFunctionReturn(0);
  c->pairs.cutoff = screen_schema_real(r->root, "potential.cutoff");
  c->pairs.truncation = (md_truncation)screen_schema_choice(r->root, "potential.truncation");
  c->pairs.accuracy = screen_schema_real(r->root, "potential.accuracy");
  if (!r->species_ok) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1(n2, &c->pairs.epsilon));
  PetscCall(PetscCalloc1(n2, &c->pairs.sigma));
  PetscCall(PetscCalloc1(n2, &c->pairs.born));
  if (c->model == SCREEN_TOSI_FUMI && !pairs == !salt) {
    if (!screen_yaml_get(map, "pairs") == !screen_yaml_get(map, "salt"))
      PetscCall(screen__note(r, map, "got %s, wanted a salt or pairs",
                             pairs ? "a salt and pairs" : "neither salt nor pairs"));
  } else if (salt && c->model == SCREEN_TOSI_FUMI) {
    PetscCall(read_salt(r, salt));
  } else if (pairs) {
    PetscCall(read_explicit(r, pairs));
  }
  PetscFunctionReturn(0);
}

/* After the system --------------------------------------------------------------------------- */

/* Charges are formal ones of all elements; a salt's are +1 and -1. */
static PetscErrorCode check_charges(screen_reader *r)
{
  const screen_yaml *salt = screen_schema_node(r->root, "potential.salt"),
                    *system = screen_schema_node(r->root, "system"),
                    *charges = screen_schema_node(r->root, "system.charges"),
                    *atoms = screen_schema_node(r->root, "system.atoms");
  screen_campaign *c = r->c;
  md_tosi_fumi_salt known;

  PetscFunctionBegin;
  if (system && !c->has_charges && !screen_yaml_get(system, "charges"))
    PetscCall(screen__note_missing(r, system, "charges", "the charges of the ions"));
  if (salt && charges && c->has_charges && md_tosi_fumi_find(salt->text, &known)) {
    const PetscInt plus = screen__species(c, known.cation), minus = screen__species(c, known.anion);

    if (plus >= 0 && minus >= 0 && (c->charge[plus] != 1.0 || c->charge[minus] != -1.0))
      PetscCall(screen__note(r, charges, "got charges %g and %g, wanted %s: +1, %s: -1 with a salt",
                             (double)c->charge[plus], (double)c->charge[minus], known.cation,
                             known.anion));
  }
  if (atoms && c->atoms > MD_EWALD_MAX_IONS)
    PetscCall(screen__note(r, atoms, "got %" PetscInt_FMT ", wanted at most %d ions with %s",
                           c->atoms, MD_EWALD_MAX_IONS, types[c->model]));
  PetscFunctionReturn(0);
}

static const char *const truncations[] = {"truncated", "shifted", "force-shifted"};

enum { DIGITS = 32 };

/* As few digits as read back the same number */
static const char *shortest(PetscReal value, char text[DIGITS])
{
  for (int digits = 6; digits <= 17; digits++) {
    snprintf(text, DIGITS, "%.*g", digits, (double)value);
    if (strtod(text, NULL) == (double)value) break;
  }
  return text;
}

static void print_pair(FILE *out, const screen_campaign *c, PetscInt i, PetscInt j)
{
  static const char *const lj_units[] = {" eV", " A"};
  static const char *const tosi_fumi_units[] = {" eV", " A", " A", " eV A^6", " eV A^8"};
  const PetscInt ij = i * c->nspecies + j, n = c->model == SCREEN_LJ ? 2 : 5;
  const md_tosi_fumi_pair *b = &c->pairs.born[ij];
  const PetscReal lj[2] = {c->pairs.epsilon[ij], c->pairs.sigma[ij]};
  const PetscReal born[5] = {b->a, b->rho, b->sigma, b->c, b->d};
  char text[DIGITS];

  fprintf(out, "pair %s-%s:", c->species[i], c->species[j]);
  for (PetscInt k = 0; k < n; k++)
    fprintf(out, "%s %s %s%s", k ? "," : "", n == 2 ? lj_fields[k] : tosi_fumi_fields[k],
            shortest(n == 2 ? lj[k] : born[k], text), n == 2 ? lj_units[k] : tosi_fumi_units[k]);
  fprintf(out, "\n");
}

static void print_all(FILE *out, const screen_campaign *c)
{
  char text[DIGITS];

  fprintf(out, "potential: %s, %s at %s A\n", c->model == SCREEN_LJ ? "Lennard-Jones" : "Tosi-Fumi",
          truncations[c->pairs.truncation], shortest(c->pairs.cutoff, text));
  for (PetscInt i = 0; i < c->nspecies; i++) {
    for (PetscInt j = i; j < c->nspecies; j++) print_pair(out, c, i, j);
  }
  if (c->model == SCREEN_LJ) return;
  fprintf(out, "charges:");
  for (PetscInt s = 0; s < c->nspecies; s++)
    fprintf(out, "%s %s %s e", s ? "," : "", c->species[s], shortest(c->charge[s], text));
  fprintf(out, "; Ewald sum accurate to %s\n", shortest(c->pairs.accuracy, text));
}

static PetscErrorCode write_down(screen_campaign *c)
{
  unsigned char digest[SCREEN_SHA256_SIZE];
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  int failed = 1;

  PetscFunctionBegin;
  if (out) {
    print_all(out, c);
    failed = fclose(out);
  }
  if (!failed) {
    screen_sha256(text, size, digest);
    screen_sha256_hex(digest, c->potential_sha256);
    failed = PetscStrallocpy(text, &c->potential_text) != 0;
  }
  free(text);
  PetscCheck(!failed, PETSC_COMM_SELF, PETSC_ERR_MEM, "No memory for the text of the potential");
  PetscFunctionReturn(0);
}

PetscErrorCode screen__check_pairs(screen_reader *r)
{
  PetscFunctionBegin;
  if (r->c->model == SCREEN_MTP || !r->species_ok) PetscFunctionReturn(0);
  if (r->c->model == SCREEN_TOSI_FUMI) PetscCall(check_charges(r));
  if (r->notes.n == 0) PetscCall(write_down(r->c));
  PetscFunctionReturn(0);
}

PetscErrorCode screen_pairs_open(const screen_campaign *c, md_potential **pot)
{
  const screen_pairs *p = &c->pairs;
  md_lj_options lj = {.nspecies = c->nspecies,
                      .epsilon = p->epsilon,
                      .sigma = p->sigma,
                      .cutoff = p->cutoff,
                      .truncation = p->truncation};
  const md_tosi_fumi_options ions = {.nspecies = c->nspecies,
                                     .charge = c->charge,
                                     .pair = p->born,
                                     .cutoff = p->cutoff,
                                     .truncation = p->truncation,
                                     .accuracy = p->accuracy};

  PetscFunctionBegin;
  if (c->model == SCREEN_TOSI_FUMI) {
    PetscCall(md_potential_create_tosi_fumi(&ions, pot));
    PetscFunctionReturn(0);
  }
  lj.min_dist = CLOSEST * p->sigma[0];
  for (PetscInt ij = 0; ij < c->nspecies * c->nspecies; ij++)
    lj.min_dist = PetscMin(lj.min_dist, CLOSEST * p->sigma[ij]);
  PetscCall(md_potential_create_lj_with(&lj, pot));
  PetscFunctionReturn(0);
}
