include "../_all.pxi"
