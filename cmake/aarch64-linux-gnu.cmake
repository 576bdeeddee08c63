# Compiles for 64-bit Arm Linux on another machine. With -DIDOCR_ZIG=PATH zig does it (PyPI's ziglang; what
# cmake/aarch64_wheel.py uses, for the oldest glibc that onnxruntime's wheels run on), without it Debian's
# g++-aarch64-linux-gnu.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)

if(IDOCR_ZIG)
  list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES IDOCR_ZIG)
  set(CMAKE_CXX_COMPILER ${IDOCR_ZIG} c++ -target aarch64-linux-gnu.2.28)
  # zig's archiver is a word of its command, not a program of its own.
  set(CMAKE_CXX_ARCHIVE_CREATE "${IDOCR_ZIG} ar qc <TARGET> <OBJECTS>")
  set(CMAKE_CXX_ARCHIVE_APPEND "${IDOCR_ZIG} ar q <TARGET> <OBJECTS>")
  set(CMAKE_CXX_ARCHIVE_FINISH "${IDOCR_ZIG} ranlib <TARGET>")
else()
  set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
endif()

set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
