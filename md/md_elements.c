/* md/md_elements.c - what elements weigh, and how much room they take in a liquid
 *
 * Weights.  IUPAC Commission on Isotopic Abundances and Atomic Weights, standard atomic weights
 * 2021, abridged to five figures (Prohaska et al., Pure Appl. Chem. 94, 573 (2022),
 * doi:10.1515/pac-2019-0603).  Where the standard is an interval, because natural materials differ
 * (H, Li, B, C, N, O, Mg, Si, S, Cl, Ar, Br, Tl, Pb), this is its single abridged value.
 *
 * Volumes.  A first guess of the density, so that packing starts near the liquid and the barostat
 * has little to do; no result depends on it once NPT has run.  One additive number an element is
 * asked to serve salts, metals and solvents, which cannot be exact: beside a chlorine of 30 Å^3
 * calcium takes 29 in CaCl2 but 49 in its own melt, and its alloys with copper contract.
 * - Halogens, alkali and alkaline earth metals, La, Zn, Mn, Th, U: a compromise by hand that brings
 *   LiCl, NaCl, KCl, CaCl2, MgCl2 and LaCl3 to within 15 percent of the densities of Janz's
 *   critical collection (NIST SRD 27) at 1100 K, and fluorides near theirs, without losing the
 *   metals.
 * - H, C, O: water at 298 K, ethylene carbonate at 313 K, ethyl methyl carbonate at 298 K.  P: with
 *   them and F, LiPF6.  N, S, B: liquids they occur in.
 * - Other metals: the liquid at its melting point (Iida & Guthrie, The Physical Properties of
 *   Liquid Metals, 1988).  Noble gases: the boiling liquid.
 * - A generic value where nobody has asked yet.
 */
#include "md/md_atoms.h"

#include <string.h>

#define GENERIC 32.0 /* [Å^3] a lanthanide, or an atom of another heavy metal */

typedef struct {
  char symbol[3];
  PetscReal mass;   /* [u] */
  PetscReal volume; /* [Å^3] */
} element;

/* clang-format off */
static const element elements[] = {
    {"H", 1.0080, 8}, {"He", 4.0026, 53}, {"Li", 6.94, 17}, {"Be", 9.0122, 22},
    {"B", 10.81, 12}, {"C", 12.011, 14.5}, {"N", 14.007, 14}, {"O", 15.999, 14},
    {"F", 18.998, 8}, {"Ne", 20.180, 28}, {"Na", 22.990, 30}, {"Mg", 24.305, 27},
    {"Al", 26.982, 19}, {"Si", 28.085, 18.5}, {"P", 30.974, 20}, {"S", 32.06, 28},
    {"Cl", 35.45, 30}, {"Ar", 39.95, 48}, {"K", 39.098, 48}, {"Ca", 40.078, 38},
    {"Sc", 44.956, 27}, {"Ti", 47.867, 19}, {"V", 50.942, 16}, {"Cr", 51.996, 14},
    {"Mn", 54.938, 20}, {"Fe", 55.845, 13}, {"Co", 58.933, 12.5}, {"Ni", 58.693, 12.5},
    {"Cu", 63.546, 13}, {"Zn", 65.38, 20}, {"Ga", 69.723, 19}, {"Ge", 72.630, 22},
    {"As", 74.922, 24}, {"Se", 78.971, 33}, {"Br", 79.904, 42}, {"Kr", 83.798, 58},
    {"Rb", 85.468, 58}, {"Sr", 87.62, 42}, {"Y", 88.906, 35}, {"Zr", 91.224, 26},
    {"Nb", 92.906, 20}, {"Mo", 95.95, 17}, {"Ru", 101.07, 15.5}, {"Rh", 102.91, 16},
    {"Pd", 106.42, 17}, {"Ag", 107.87, 19}, {"Cd", 112.41, 23.5}, {"In", 114.82, 27},
    {"Sn", 118.71, 28}, {"Sb", 121.76, 31}, {"Te", 127.60, 36.5}, {"I", 126.90, 60},
    {"Xe", 131.29, 74}, {"Cs", 132.91, 70}, {"Ba", 137.33, 52}, {"La", 138.91, 40},
    {"Ce", 140.12, 37}, {"Pr", 140.91, 36}, {"Nd", 144.24, 36}, {"Sm", 150.36, GENERIC},
    {"Eu", 151.96, GENERIC}, {"Gd", 157.25, GENERIC}, {"Tb", 158.93, GENERIC},
    {"Dy", 162.50, GENERIC},
    {"Ho", 164.93, GENERIC}, {"Er", 167.26, GENERIC}, {"Tm", 168.93, GENERIC}, {"Yb", 173.05, 42},
    {"Lu", 174.97, GENERIC}, {"Hf", 178.49, 27}, {"Ta", 180.95, 20}, {"W", 183.84, 17.5},
    {"Re", 186.21, 16.5}, {"Os", 190.23, 15.5}, {"Ir", 192.22, 16}, {"Pt", 195.08, 17},
    {"Au", 196.97, 19}, {"Hg", 200.59, 24.5}, {"Tl", 204.38, 30}, {"Pb", 207.2, 32.5},
    {"Bi", 208.98, 34.5}, {"Th", 232.04, 50}, {"Pa", 231.04, GENERIC}, {"U", 238.03, 45},
};
/* clang-format on */

PetscBool md_element_lookup(const char *symbol, PetscReal *mass_u, PetscReal *volume)
{
  for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
    if (strcmp(symbol, elements[i].symbol) != 0) continue;
    if (mass_u) *mass_u = elements[i].mass;
    if (volume) *volume = elements[i].volume;
    return PETSC_TRUE;
  }
  return PETSC_FALSE;
}
