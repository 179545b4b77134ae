"""Holds .h5md files against H5MD 1.1, against the .xyz files of the same runs, and, where it is installed, MDAnalysis.

usage: check_h5md.py FOLDER-OF-H5MD FOLDER-OF-XYZ TIME-STEP
"""
import os
import sys

import h5py
import numpy as np

GROUP = "particles/trajectory"
ELEMENTS = {  # path: shape of a frame behind [frames], n stands for the atoms; unit
    GROUP + "/position": (("n", 3), "Angstrom"),
    GROUP + "/velocity": (("n", 3), "Angstrom ps-1"),
    GROUP + "/box/edges": ((3, 3), "Angstrom"),
    "observables/potential_energy": ((), "eV"),
    "observables/temperature": ((), "K"),
}


def want(true, what):
    if not true:
        sys.exit(f"{what}")


def fixed(attribute):
    kind = attribute.get_type()
    return isinstance(kind, h5py.h5t.TypeStringID) and not kind.is_variable_str()


def variable(item, unit):
    attribute = h5py.h5a.open(item.id, b"unit")
    kind = attribute.get_type()
    want(kind.is_variable_str() and kind.get_cset() == h5py.h5t.CSET_ASCII, f"{item.name}: unit is variable-length ASCII")
    want(item.attrs["unit"] == unit, f"{item.name}: unit {item.attrs['unit']}")


def check_metadata(file):
    h5md = file["h5md"]
    want(h5md.attrs["version"].tolist() == [1, 1] and h5md.attrs["version"].dtype.kind == "i", "version 1.1")
    for path, name in (("author", "name"), ("creator", "name"), ("creator", "version")):
        attribute = h5py.h5a.open(h5md[path].id, name.encode())
        want(fixed(attribute) and attribute.shape == (), f"h5md/{path}@{name}: a scalar string of fixed length")
    units = h5md["modules/units"]
    want(units.attrs["version"].tolist() == [1, 0] and isinstance(units.attrs["system"], str), "units module")


def check_box(file):
    box = file[GROUP + "/box"]
    want(box.attrs["dimension"] == 3 and np.ndim(box.attrs["dimension"]) == 0, "box dimension")
    want(fixed(h5py.h5a.open(box.id, b"boundary")), "boundary: strings of fixed length")
    want([b.decode() for b in box.attrs["boundary"]] == ["periodic"] * 3, "boundary")


def check_elements(file):
    n = file[GROUP + "/species"].shape[0]
    position = file[GROUP + "/position"]
    for path, (shape, unit) in ELEMENTS.items():
        element = file[path]
        shape = tuple(n if s == "n" else s for s in shape)
        frames = element["value"].shape[0]
        want(element["value"].shape == (frames, *shape), f"{path}: shape {element['value'].shape}")
        want(element["value"].maxshape[0] is None, f"{path}: frames can be added")
        variable(element["value"], unit)
        for name in ("step", "time"):
            want(element[name].shape == (frames,), f"{path}/{name}: as long as value")
            want(element[name] == position[name], f"{path}/{name}: a hard link to that of position")
        want(element["step"].dtype.kind == "i" and np.all(np.diff(element["step"]) > 0), f"{path}/step: ascending")
        variable(element["time"], "fs")
    variable(file[GROUP + "/mass"], "u")
    want(np.all(file[GROUP + "/id"][()] == np.arange(n)), "id: numbers of the atoms")


def frames_of(path):
    """Frames of an extended XYZ file: species, lattice, time, energy, positions, velocities."""
    with open(path, encoding="ascii") as text:
        lines = text.read().splitlines()
    while lines:
        n = int(lines[0])
        head, rows = lines[1], [line.split() for line in lines[2 : 2 + n]]
        lines = lines[2 + n :]
        numbers = np.array([[float(x) for x in row[1:]] for row in rows])
        lattice = np.array(head.split('Lattice="')[1].split('"')[0].split(), float).reshape(3, 3)
        yield ([r[0] for r in rows], lattice, float(head.split("Time=")[1].split()[0]),
               float(head.split("energy=")[1].split()[0]), numbers[:, :3], numbers[:, 3:])


def check_numbers(file, xyz, dt):
    """Every number of the text, rounded to what the file holds."""
    names = {v: k for k, v in h5py.check_enum_dtype(file[GROUP + "/species"].dtype).items()}
    species = [names[s] for s in file[GROUP + "/species"][()]]
    count = 0
    for k, (kinds, lattice, time, energy, x, v) in enumerate(frames_of(xyz)):
        want(kinds == species, f"{xyz}: species")
        want(np.array_equal(file[GROUP + "/box/edges/value"][k], lattice), f"{xyz}: cell of frame {k}")
        want(file[GROUP + "/position/time"][k] == time, f"{xyz}: time of frame {k}")
        want(abs(file[GROUP + "/position/step"][k] * dt - time) < 1e-9 * time, f"{xyz}: step of frame {k}")
        want(file["observables/potential_energy/value"][k] == energy, f"{xyz}: energy of frame {k}")
        for name, value in (("position", x), ("velocity", 1000.0 * v)):
            stored = file[f"{GROUP}/{name}/value"][k]
            want(np.array_equal(stored, value.astype(stored.dtype)), f"{xyz}: {name} of frame {k}")
        count += 1
    want(count == file[GROUP + "/position/value"].shape[0] and count > 0, f"{xyz}: {count} frames")
    return count


def check_mdanalysis(path, file):
    try:
        import MDAnalysis
    except ImportError:
        want(os.environ.get("LIQUIDUS_MDANALYSIS") != "required", "MDAnalysis is not installed")
        return False
    from MDAnalysis.lib.mdamath import triclinic_box
    universe = MDAnalysis.Universe(path)  # without a topology: the atoms are counted in the file
    want(len(universe.trajectory) == file[GROUP + "/position/value"].shape[0], "MDAnalysis: frames")
    for k, frame in enumerate(universe.trajectory):
        want(np.array_equal(frame.positions, file[GROUP + "/position/value"][k].astype("f4")), f"MDAnalysis: frame {k}")
        want(np.allclose(frame.velocities, file[GROUP + "/velocity/value"][k], rtol=1e-5, atol=1e-7),
             "MDAnalysis: velocities in A/ps")
        want(np.allclose(frame.dimensions, triclinic_box(*file[GROUP + "/box/edges/value"][k]), rtol=1e-6), "MDAnalysis: box")
        want(abs(frame.time - 1e-3 * file[GROUP + "/position/time"][k]) < 1e-6 * frame.time, "MDAnalysis: time in ps")
        want(frame.data["potential_energy"] == file["observables/potential_energy/value"][k], "MDAnalysis: energy")
    return True


def main():
    folder, other, dt = sys.argv[1], sys.argv[2], float(sys.argv[3])
    names = sorted(os.listdir(folder))
    want(names, "no files")
    total, read = 0, False
    for name in names:
        path = os.path.join(folder, name)
        with h5py.File(path, "r") as file:
            check_metadata(file)
            check_box(file)
            check_elements(file)
            total += check_numbers(file, os.path.join(other, name.replace(".h5md", ".xyz")), dt)
            read = check_mdanalysis(path, file)
    print(f"{len(names)} files with {total} frames; MDAnalysis {'reads them' if read else 'is not installed'}")


main()
