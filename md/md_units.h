/* md/md_units.h - the unit system and the only physical constants of the program
 *
 * Inside: Å, eV, fs, K, e.  Mass in eV fs^2/Å^2, pressure in eV/Å^3.  At the edges (campaign,
 * results): SI.
 * CODATA 2018, doi:10.1103/RevModPhys.93.025010; exact values of the SI 2019 where marked.
 * Verified by: tests/unit/md/test_md_units.c, which recomputes each derived constant.
 */
#pragma once

#define MD_BOLTZMANN           8.617333262145179e-5 /* [eV/K] k_B = 1.380649e-23 J/K / e, exact */
#define MD_ELEMENTARY_CHARGE_C 1.602176634e-19      /* [C] exact */
#define MD_AVOGADRO            6.02214076e23        /* [1/mol] exact */
#define MD_GAS_CONSTANT        8.31446261815324     /* [J/(mol K)] k_B N_A, exact */
#define MD_ATOMIC_MASS_KG      1.66053906660e-27    /* [kg] u, CODATA 2018 */
#define MD_ATOMIC_MASS         103.64269652680505   /* [eV fs^2/Å^2] one u: u/e * 1e10 */
#define MD_PRESSURE_PA         1.602176634e11       /* [Pa] one eV/Å^3: e * 1e30, exact */
#define MD_COULOMB             14.39964547842567 /* [eV Å/e^2] e/(4 pi epsilon_0), CODATA 2018 */
#define MD_HARTREE             27.211386245988   /* [eV] CODATA 2018 */
#define MD_BOHR                0.529177210903    /* [Å] CODATA 2018 */
#define MD_DENSITY_SI          1660.53906660     /* [kg/m^3] one u/Å^3: u * 1e30 */
#define MD_DIFFUSION_SI        1e-5              /* [m^2/s] one Å^2/fs, exact */
#define MD_CONDUCTIVITY_SI     1.602176634e6     /* [W/(m K)] one eV/(fs Å K): e * 1e25, exact */
#define MD_VISCOSITY_SI        1.602176634e-4    /* [Pa s] one eV fs/Å^3: e * 1e15, exact */
