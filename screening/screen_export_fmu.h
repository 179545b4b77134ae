/* screening/screen_export_fmu.h - private to the export of FMUs: variables, texts, archives
 *
 * An FMU is a zip archive: modelDescription.xml, a shared object that is the same for all
 * campaigns (screening/fmu/), its sources, and resources/table.txt, which is what the campaign has
 * given (screening/fmu/fmu_table.h says how it looks).  Variables have the value references of
 * screening/fmu/fmu_model.h. */
#pragma once

#include "screening/fmu/fmu_model.h"
#include "screening/screen_export.h"

enum { SCREEN_FMU_TEXT = 512, SCREEN_FMU_IDENTIFIER = 80 };

/* An axis of the table. */
typedef struct {
  char name[FMU_NAME], description[SCREEN_FMU_TEXT], units[32];
  PetscInt axis; /* of the dataset */
  PetscInt n;
  PetscReal *knot; /* [n] */
  PetscReal reach, start;
} screen_fmu_input;

/* A function of the table: a member of a property, or a mole fraction. */
typedef struct {
  char name[FMU_NAME], description[SCREEN_FMU_TEXT], units[32];
  const screen_dataset_property *property; /* NULL: a mole fraction */
  PetscInt member;                         /* of the property, or the component */
  PetscInt compressibility;                /* index of an output; -1 */
  PetscBool uncertain;
  PetscInt nodes, filled; /* with a number; from the correlation */
  PetscReal largest;      /* absolute value */
  PetscReal deviation;    /* [errors] from the correlation between nodes; NaN: not known */
} screen_fmu_output;

typedef struct {
  screen_export *e;
  char identifier[SCREEN_FMU_IDENTIFIER]; /* of the model: a name in C */
  char token[FMU_TOKEN];
  PetscInt ninput, noutput, nnode;
  screen_fmu_input input[FMU_MAX_AXES];
  screen_fmu_output *output;
  PetscBool simulated; /* the first axis has the mole fractions that were simulated */
  char *table;         /* resources/table.txt */
  size_t size;
} screen_fmu;

/* Series and temperature of a node (C order of the inputs). */
void screen_fmu_place(const screen_fmu *m, PetscInt node, PetscInt *s, PetscInt *t);
/* The number of an output at a node; PETSC_FALSE: a hole. */
PetscBool screen_fmu_node(const screen_fmu *m, const screen_fmu_output *o, PetscInt node,
                          screen_export_node *n);

/* screen_fmu_table - the text of the table, and its token from a hash of the text
 * Fills `deviation` of the outputs from the table as an FMU reads it. */
PetscErrorCode screen_fmu_table(screen_fmu *m);

/* screen_fmu_description, screen_fmu_build, screen_fmu_page - modelDescription.xml of a version (2
 * or 3), sources/buildDescription.xml, documentation/index.html; texts to be freed with free() */
PetscErrorCode screen_fmu_description(const screen_fmu *m, int version, char **text);
PetscErrorCode screen_fmu_build(const screen_fmu *m, char **text);
PetscErrorCode screen_fmu_page(const screen_fmu *m, char **text);

/* screen_fmu_pack - <campaign>_fmi<version>.fmu
 * Errors: PETSC_ERR_FILE_WRITE, PETSC_ERR_LIB with the words of the zip library. */
PetscErrorCode screen_fmu_pack(const screen_fmu *m, int version);
