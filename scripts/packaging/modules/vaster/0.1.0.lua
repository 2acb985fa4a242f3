-- Module file of vaster for Lmod. Set the path to where `cmake --install build/release --prefix PATH` has put it.
local root = "/opt/vaster/0.1.0"

whatis("Name: vaster")
whatis("Version: 0.1.0")
whatis("Description: compares verbal-autopsy models across sites, on MPI ranks")
help([[vaster run STUDY.toml runs a study, alone or under mpirun; 'man vaster' says the rest.
Slurm: $VASTER_SLURM/submit --ntasks=64 -- STUDY.toml]])

conflict("vaster")
-- The MPI that vaster was built with, by the name that it has here:
-- depends_on("openmpi/4.1")

prepend_path("PATH", pathJoin(root, "bin"))
prepend_path("MANPATH", pathJoin(root, "share/man"))
append_path("MANPATH", "")  -- stands for what is searched by default
if (os.getenv("XDG_DATA_DIRS") or "") == "" then
    setenv("XDG_DATA_DIRS", pathJoin(root, "share") .. ":/usr/local/share:/usr/share")
else
    prepend_path("XDG_DATA_DIRS", pathJoin(root, "share"))
end
setenv("VASTER_SLURM", pathJoin(root, "share/vaster/slurm"))
