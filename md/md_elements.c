/* md/md_elements.c - how much room elements take in a liquid; what they weigh stands in mtp/
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

#include "mtp/mtp_config.h"

#include <string.h>

#define GENERIC 32.0 /* [Å^3] a lanthanide, or an atom of another heavy metal */

/* The elements of mtp_element_mass(). */
/* clang-format off */
static const struct {
  char symbol[3];
  PetscReal volume; /* [Å^3] */
} elements[] = {
    {"H", 8}, {"He", 53}, {"Li", 17}, {"Be", 22}, {"B", 12}, {"C", 14.5}, {"N", 14}, {"O", 14},
    {"F", 8}, {"Ne", 28}, {"Na", 30}, {"Mg", 27}, {"Al", 19}, {"Si", 18.5}, {"P", 20}, {"S", 28},
    {"Cl", 30}, {"Ar", 48}, {"K", 48}, {"Ca", 38}, {"Sc", 27}, {"Ti", 19}, {"V", 16}, {"Cr", 14},
    {"Mn", 20}, {"Fe", 13}, {"Co", 12.5}, {"Ni", 12.5}, {"Cu", 13}, {"Zn", 20}, {"Ga", 19},
    {"Ge", 22}, {"As", 24}, {"Se", 33}, {"Br", 42}, {"Kr", 58}, {"Rb", 58}, {"Sr", 42}, {"Y", 35},
    {"Zr", 26}, {"Nb", 20}, {"Mo", 17}, {"Ru", 15.5}, {"Rh", 16}, {"Pd", 17}, {"Ag", 19},
    {"Cd", 23.5}, {"In", 27}, {"Sn", 28}, {"Sb", 31}, {"Te", 36.5}, {"I", 60}, {"Xe", 74},
    {"Cs", 70}, {"Ba", 52}, {"La", 40}, {"Ce", 37}, {"Pr", 36}, {"Nd", 36}, {"Sm", GENERIC},
    {"Eu", GENERIC}, {"Gd", GENERIC}, {"Tb", GENERIC}, {"Dy", GENERIC}, {"Ho", GENERIC},
    {"Er", GENERIC}, {"Tm", GENERIC}, {"Yb", 42}, {"Lu", GENERIC}, {"Hf", 27}, {"Ta", 20},
    {"W", 17.5}, {"Re", 16.5}, {"Os", 15.5}, {"Ir", 16}, {"Pt", 17}, {"Au", 19}, {"Hg", 24.5},
    {"Tl", 30}, {"Pb", 32.5}, {"Bi", 34.5}, {"Th", 50}, {"Pa", GENERIC}, {"U", 45},
};
/* clang-format on */

PetscBool md_element_lookup(const char *symbol, PetscReal *mass_u, PetscReal *volume)
{
  for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
    if (strcmp(symbol, elements[i].symbol) != 0) continue;
    if (volume) *volume = elements[i].volume;
    return mtp_element_mass(symbol, mass_u);
  }
  return PETSC_FALSE;
}
