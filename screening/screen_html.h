/* screening/screen_html.h - `liquidus report`: a campaign as one HTML file that needs nothing else
 *
 * The page is text with inline SVG, drawn by gnuplot; no script is needed to read it, nothing is
 * loaded.  Everything comes from results.h5.
 *
 * Figures are collected first, as pieces of one gnuplot script, drawn by one process into a
 * temporary folder, and put into the page where they belong.
 */
#pragma once

#include "screening/screen_dataset.h"
#include "screening/screen_store_read.h"

#include <stdio.h>

typedef struct {
  char *alt; /* what the figure shows, in words; owned */
  char *svg; /* owned; NULL before it is drawn */
} screen_figure;

typedef struct {
  PetscInt n;
  screen_figure *figure; /* [n] owned */
  FILE *script;          /* the gnuplot script so far; its memory is `text` */
  char *text;
  size_t size;
} screen_figures;

/* screen_figures_begin, screen_figures_draw - before the first figure; after the last, which makes
 * all SVGs
 * Errors of draw: PETSC_ERR_SYS when gnuplot is not there or refuses, with what it said. */
PetscErrorCode screen_figures_begin(screen_figures *f);
PetscErrorCode screen_figures_draw(screen_figures *f);
PetscErrorCode screen_figures_clear(screen_figures *f);

/* A new figure; the caller then writes its data and plot command to f->script.  `alt` is copied.
 * Returns its number in *k. */
PetscErrorCode screen_figures_add(screen_figures *f, const char *alt, PetscInt *k);

/* Figures of the page: numbers of figures, -1: there is none. */
PetscErrorCode screen_html_property(const screen_dataset *d, const screen_dataset_property *p,
                                    screen_figures *f, PetscInt *k);
typedef struct {
  PetscInt viscosity, viscosity_spectrum, ionic, ionic_spectrum, thermal_spectrum, msd, rdf;
} screen_html_curves;
PetscErrorCode screen_html_point(const screen_dataset *d, screen_h5_in *in, PetscInt point,
                                 screen_figures *f, screen_html_curves *curves);

/* Text with &, <, > and quotes escaped; control characters become blanks. */
void screen_html_text(FILE *out, const char *text);
