/* mtp/mtp_config_impl.h - the arrays of a configuration as a table, for readers and writers */
#pragma once

#include "mtp/mtp_config.h"
#include "mtp/mtp_text.h"

/* An array of reals with `width` numbers an atom: its place in the struct, its names in files. */
typedef struct {
  size_t offset;
  const char *column[3]; /* .cfg: one name a column */
  const char *header;    /* .cfg: as MLIP writes the names, with the blanks in front */
  const char *xyz[4];    /* extended XYZ: names of the property, the first is written */
  PetscInt width;
  int lead, digits, decimals; /* .cfg, plain: blanks before the first column, width, decimals */
} mtp_config_field;

enum { MTP_CONFIG_NFIELD = 7 };
extern const mtp_config_field mtp__config_fields[MTP_CONFIG_NFIELD];

/* Lines of features that readers take for one configuration.  Real files have some ten; each line
   is compared with all keys, and joined to the value when its key came before. */
enum { MTP_MAX_FEATURES = 1000 };

/* The pointer of a configuration that the field describes. */
PetscReal **mtp__config_array(mtp_config *config, const mtp_config_field *field);
const PetscReal *mtp__config_values(const mtp_config *config, const mtp_config_field *field);

/* A binary .cfg (first byte 'n'); the contract of mtp_cfg_parse. */
PetscErrorCode mtp__cfg_parse_binary(const char *name, const char *bytes, size_t length,
                                     mtp_config_list *list, mtp_diag *diag);
