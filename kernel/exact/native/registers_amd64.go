package native

// registers says that functions take arguments in registers as Plan assumes.
const registers = true
