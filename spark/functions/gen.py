"""Writes functions_gen.go: the functions of pyspark.sql.functions whose call is a plain call of SQL.

    pip install 'pyspark[connect]==4.3.0'
    python3 spark/functions/gen.py > spark/functions/functions_gen.go && go tool gofumpt -w spark/functions

Each function is called with probes, and what pyspark makes of them says which arguments are columns, which are
constants, and which function of SQL it calls. Functions that do not fit are written by hand in functions.go.
"""
import inspect
import re

import pyspark
from pyspark.sql.connect import expressions as E
from pyspark.sql.connect.column import Column
from pyspark.sql.connect.functions import builtin as B
from pyspark.sql.functions import builtin as classic

BY_HAND = set("""aggregate array_sort arrow_udf arrow_udtf broadcast call_function call_udf col column count_distinct
exists expr filter forall from_json lit map_filter map_zip_with pandas_udf reduce transform transform_keys
transform_values udf udtf unwrap_udt when zip_with expr asc asc_nulls_first asc_nulls_last desc desc_nulls_first
desc_nulls_last window session_window bucket years months days hours vector_to_array array_to_vector
approx_percentile percentile_approx count array create_map struct map_concat struct typedLit""".split())
INITIALS = {x.lower(): x for x in "JSON CSV XML URL UTC UUID ID MD5 SHA SHA1 SHA2 CRC32 HLL KLL AES ST DT YM UTF8 LTZ NTZ WKB".split()}
WORDS = {"type": "typ", "len": "length", "func": "f", "range": "r", "map": "m", "str": "text", "string": "text",
         "default": "otherwise", "interface": "i", "struct": "s", "min": "low", "max": "high"}


def go_name(name):
    return "".join(INITIALS.get(p, p[:1].upper() + p[1:]) for p in name.split("_") if p)


def go_param(name):
    parts = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower().split("_")
    word = parts[0] + "".join(p.capitalize() for p in parts[1:])
    return WORDS.get(word, word)


def probe(annotation, i):
    """A value for a parameter, and whether it is a constant of a Go type."""
    a = str(annotation)
    if "Callable" in a or "Mapping" in a or "DataFrame" in a:
        return None, None
    if "ColumnOrName" in a:
        return f"probe{i}", "any"
    if a == "<class 'str'>" or a == "typing.Optional[str]":
        return f"probe{i}", "string"
    if a == "<class 'int'>" or a == "typing.Optional[int]":
        return 70 + i, "int"
    if a == "<class 'bool'>" or a == "typing.Optional[bool]":
        return True, "bool"
    if a in ("<class 'float'>", "typing.Optional[float]"):
        return 0.5 + i, "float64"
    if "<class 'pyspark.sql.column.Column'>" in a or "ForwardRef('Column')" in a:
        return Column(E.LiteralExpression._from_value(f"probe{i}")), "any"
    if "int" in a:
        return 70 + i, "any"
    if "float" in a:
        return 0.5 + i, "any"
    if "bool" in a:
        return True, "any"
    if "str" in a or "Any" in a:
        return f"probe{i}", "any"
    if "Column" in a:
        return Column(E.LiteralExpression._from_value(f"probe{i}")), "any"
    return None, None


def mode(e, i, value):
    """col when e is the column of the name value, lit when it is that constant."""
    if isinstance(e, E.ColumnReference) and e._unparsed_identifier == f"probe{i}":
        return "col"
    if isinstance(e, E.LiteralExpression) and (isinstance(value, Column) or e._value == value):
        return "lit"
    return None


def call_of(column):
    e = column._expr
    if isinstance(e, E.UnresolvedFunction):
        return e._name, e._args, e._is_distinct
    return None


def plan(name):
    """(function of SQL, distinct, required parameters, optional parameters, variadic) or None."""
    f, sig = getattr(B, name), inspect.signature(getattr(classic, name))
    required, optional, variadic, values = [], [], None, []
    for i, p in enumerate(sig.parameters.values()):
        v, typ = probe(p.annotation, i)
        if v is None:
            if p.default is inspect._empty:
                return None
            continue  # options: left out
        if p.kind == p.VAR_POSITIONAL:
            variadic = (p.name, i)
            values.append(v)
        elif p.default is inspect._empty:
            required.append((p.name, typ, i))
            values.append(v)
        else:
            optional.append((p.name, typ, i, v))
    try:
        got = call_of(f(*values))
    except Exception:
        return None
    if got is None:
        return None
    sql, args, distinct = got
    if len(args) < len(values):
        return None
    modes = [mode(a, i, v) for i, (a, v) in enumerate(zip(args, values))]
    if None in modes:
        return None
    if len(args) > len(values):  # pyspark sends defaults of its own, or a random seed
        if name not in ("rand", "randn", "random", "uuid", "shuffle", "randstr", "uniform") and not optional:
            return None
    out = []
    full = list(values)
    for pname, typ, i, v in optional:
        full.append(v)
        try:
            g = call_of(f(*full))
        except Exception:
            break
        if g is None or len(g[1]) < len(full):
            break
        m = mode(g[1][len(full) - 1], i, v)
        if m is None:
            break
        out.append((pname, m))
    req = [(n, t, m) for (n, t, _), m in zip(required, modes)]
    var = (variadic[0], modes[len(required)]) if variadic else None
    return sql, distinct, req, out, var


def doc(name):
    text = inspect.getdoc(getattr(classic, name)) or ""
    first = re.split(r"\n\s*\n|\n\.\. ", text.strip())[0]
    first = re.sub(r":\w+:`([^`]*)`", r"\1", first)
    first = re.sub(r"\s+", " ", first).replace("``", "").replace("`", "")
    first = re.split(r"(?<=[a-z0-9)])\. ", first)[0].rstrip(".")
    first = re.sub(r"^(Aggregate|Window|Collection|Array|Map|Math|String|Date|Partition transform) function: ", "", first)
    return first[:1].lower() + first[1:]


def wrap(text, width=108):
    lines, line = [], "//"
    for w in text.split():
        if len(line) + 1 + len(w) > width:
            lines.append(line)
            line = "//"
        line += " " + w
    return "\n".join(lines + [line])


def emit(name, p):
    sql, distinct, req, opt, var = p
    params = [f"{go_param(n)} {t if m == 'lit' else 'any'}" for n, t, m in req]
    args = [f"spark.NameOrColumn({go_param(n)})" if m == "col" else go_param(n) for n, _, m in req]
    call = "spark.CallDistinct" if distinct else "spark.Call"
    head = wrap(f"{go_name(name)}: {doc(name)}.")
    if var:
        params.append(f"{go_param(var[0])} ...any")
        body = f"return {call}({quote(sql)}, append([]any{{{', '.join(args)}}}, {'names' if var[1] == 'col' else 'constants'}({go_param(var[0])})...)...)"
    elif opt:
        params.append("optional ...any")
        modes = "".join("c" if m == "col" else "l" for _, m in opt)
        head += "\n" + wrap("Optional: " + ", ".join(go_param(n) for n, _ in opt) + ".")
        body = f"return {call}({quote(sql)}, append([]any{{{', '.join(args)}}}, further({quote(name)}, {quote(modes)}, optional)...)...)"
    else:
        body = f"return {call}({', '.join([quote(sql)] + args)})"
    return f"{head}\nfunc {go_name(name)}({', '.join(params)}) spark.Column {{\n\t{body}\n}}\n"


def quote(s):
    return '"' + s + '"'


def main():
    names = [n for n in sorted(dir(classic)) if inspect.isfunction(getattr(classic, n)) and not n.startswith("_")
             and getattr(classic, n).__module__ == classic.__name__]
    names = [n for n in names if n not in BY_HAND and (n == n.lower()) and hasattr(B, n)]
    done, skipped = [], []
    for n in names:
        p = plan(n)
        (done if p else skipped).append((n, p))
    print(f"// Code generated by gen.py from pyspark {pyspark.__version__}. DO NOT EDIT.\n")
    print("package functions\n\nimport \"github.com/lathe-ml/lathe/spark\"\n")
    for n, p in done:
        print(emit(n, p))
    import sys
    print(len(done), "written; not plain calls:", " ".join(n for n, _ in skipped), file=sys.stderr)


main()
