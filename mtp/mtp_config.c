/* mtp/mtp_config.c - memory of configurations, their features, the table of their arrays */
#include "mtp/mtp_config_impl.h"

#include <stddef.h>
#include <string.h>

#define FIELD(name) offsetof(mtp_config, name)

/* In the order of the columns that MLIP writes. */
const mtp_config_field mtp__config_fields[MTP_CONFIG_NFIELD] = {
    {FIELD(x),
     {"cartes_x", "cartes_y", "cartes_z"},
     "       cartes_x      cartes_y      cartes_z",
     {"pos", "positions"},
     3,
     2,
     13,
     6},
    {FIELD(site_energy),
     {"site_en"},
     "            site_en",
     {"energies", "local_energy", "site_energy"},
     1,
     2,
     17,
     12},
    {FIELD(force),
     {"fx", "fy", "fz"},
     "           fx          fy          fz",
     {"forces", "force"},
     3,
     2,
     11,
     6},
    {FIELD(charge),
     {"charge"},
     "      charge",
     {"charges", "charge", "initial_charges"},
     1,
     4,
     8,
     4},
    {FIELD(magmom),
     {"magmom_x", "magmom_y", "magmom_z"},
     "      magmom_x     magmom_y     magmom_z",
     {"magmoms", "initial_magmoms"},
     3,
     2,
     12,
     6},
    {FIELD(en_der_m),
     {"en_der_mx", "en_der_my", "en_der_mz"},
     "      en_der_mx     en_der_my     en_der_mz",
     {"en_der_m"},
     3,
     2,
     13,
     5},
    {FIELD(nbh_grade), {"nbh_grades"}, "       nbh_grades", {"nbh_grades"}, 1, 2, 15, 5},
};

PetscReal **mtp__config_array(mtp_config *config, const mtp_config_field *field)
{
  return (PetscReal **)(void *)((char *)config + field->offset);
}

const PetscReal *mtp__config_values(const mtp_config *config, const mtp_config_field *field)
{
  return *(PetscReal *const *)(const void *)((const char *)config + field->offset);
}

PetscErrorCode mtp_config_create(PetscInt n, mtp_config *config)
{
  PetscFunctionBegin;
  PetscCheck(n >= 0, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "A configuration of %" PetscInt_FMT " atoms", n);
  *config = (mtp_config){.n = n};
  PetscCall(PetscCalloc1(3 * (size_t)n, &config->x));
  PetscCall(PetscCalloc1((size_t)n, &config->type));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_config_clear(mtp_config *config)
{
  PetscFunctionBegin;
  for (int k = 0; k < MTP_CONFIG_NFIELD; k++)
    PetscCall(PetscFree(*mtp__config_array(config, &mtp__config_fields[k])));
  PetscCall(PetscFree(config->type));
  PetscCall(PetscFree(config->element));
  PetscCall(PetscFree(config->ghost));
  for (PetscInt i = 0; i < config->nfeature; i++) {
    PetscCall(PetscFree(config->feature[i].key));
    PetscCall(PetscFree(config->feature[i].value));
  }
  PetscCall(PetscFree(config->feature));
  *config = (mtp_config){0};
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_config_list_clear(mtp_config_list *list)
{
  PetscFunctionBegin;
  for (PetscInt i = 0; i < list->n; i++) PetscCall(mtp_config_clear(&list->config[i]));
  PetscCall(PetscFree(list->config));
  *list = (mtp_config_list){0};
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_config_list_take(mtp_config_list *list, mtp_config *config)
{
  PetscFunctionBegin;
  PetscCall(mtp_text_grow(list->n, &list->capacity, sizeof(*list->config), (void **)&list->config));
  list->config[list->n++] = *config;
  *config = (mtp_config){0};
  PetscFunctionReturn(0);
}

static mtp_feature *find_feature(const mtp_config *config, const char *key)
{
  for (PetscInt i = 0; i < config->nfeature; i++) {
    if (strcmp(config->feature[i].key, key) == 0) return &config->feature[i];
  }
  return NULL;
}

const char *mtp_config_feature(const mtp_config *config, const char *key)
{
  const mtp_feature *feature = find_feature(config, key);

  return feature ? feature->value : NULL;
}

/* value := value "\n" more */
static PetscErrorCode append_line(char **value, const char *more)
{
  const size_t n = strlen(*value), m = strlen(more);
  char *joined;

  PetscFunctionBegin;
  PetscCall(PetscMalloc1(n + m + 2, &joined));
  PetscCall(PetscMemcpy(joined, *value, n));
  joined[n] = '\n';
  PetscCall(PetscMemcpy(joined + n + 1, more, m + 1));
  PetscCall(PetscFree(*value));
  *value = joined;
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_config_add_feature(mtp_config *config, const char *key, const char *value)
{
  mtp_feature *feature = find_feature(config, key), *larger;

  PetscFunctionBegin;
  if (feature) {
    PetscCall(append_line(&feature->value, value));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscCalloc1((size_t)config->nfeature + 1, &larger));
  PetscCall(PetscArraycpy(larger, config->feature, config->nfeature));
  PetscCall(PetscFree(config->feature));
  config->feature = larger;
  feature = &config->feature[config->nfeature++];
  PetscCall(PetscStrallocpy(key, &feature->key));
  PetscCall(PetscStrallocpy(value, &feature->value));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_config_set_feature(mtp_config *config, const char *key, const char *value)
{
  mtp_feature *feature = find_feature(config, key);

  PetscFunctionBegin;
  if (!feature) {
    PetscCall(mtp_config_add_feature(config, key, value));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscFree(feature->value));
  PetscCall(PetscStrallocpy(value, &feature->value));
  PetscFunctionReturn(0);
}

PetscErrorCode mtp_config_copy(const mtp_config *from, mtp_config *to)
{
  const size_t n = (size_t)from->n;

  PetscFunctionBegin;
  *to = *from; /* numbers; every pointer is set anew below */
  to->type = to->ghost = NULL;
  to->element = NULL;
  to->feature = NULL;
  to->nfeature = 0;
  for (int k = 0; k < MTP_CONFIG_NFIELD; k++) {
    const mtp_config_field *field = &mtp__config_fields[k];
    const PetscReal *values = mtp__config_values(from, field);
    PetscReal **copy = mtp__config_array(to, field);

    *copy = NULL;
    if (!values) continue;
    PetscCall(PetscMalloc1((size_t)field->width * n, copy));
    PetscCall(PetscArraycpy(*copy, values, (size_t)field->width * n));
  }
  PetscCall(PetscMalloc1(n, &to->type));
  PetscCall(PetscArraycpy(to->type, from->type, n));
  if (from->ghost) {
    PetscCall(PetscMalloc1(n, &to->ghost));
    PetscCall(PetscArraycpy(to->ghost, from->ghost, n));
  }
  if (from->element) {
    PetscCall(PetscMalloc1(n, &to->element));
    PetscCall(PetscArraycpy(to->element, from->element, n));
  }
  for (PetscInt f = 0; f < from->nfeature; f++)
    PetscCall(mtp_config_add_feature(to, from->feature[f].key, from->feature[f].value));
  PetscFunctionReturn(0);
}

PetscReal mtp_config_extent(const mtp_config *config)
{
  const PetscReal(*h)[3] = config->h;
  const PetscReal cross[3] = {h[0][1] * h[1][2] - h[0][2] * h[1][1],
                              h[0][2] * h[1][0] - h[0][0] * h[1][2],
                              h[0][0] * h[1][1] - h[0][1] * h[1][0]};

  switch (config->nlattice) {
  case 0:
    return 1.0;
  case 1:
    return PetscSqrtReal(h[0][0] * h[0][0] + h[0][1] * h[0][1] + h[0][2] * h[0][2]);
  case 2:
    return PetscSqrtReal(cross[0] * cross[0] + cross[1] * cross[1] + cross[2] * cross[2]);
  default:
    return PetscAbsReal(cross[0] * h[2][0] + cross[1] * h[2][1] + cross[2] * h[2][2]);
  }
}
