% Runs the model of argv(){1}, y = relu(x·w + b) with x of 2 rows of 3, through the MEX file beside it.
args = argv();
x = reshape(1:6, 3, 2);
want = single([14.5 32.5; 0 0]);
assert(lathe_mex(args{1}, x), want);
assert(lathe_mex(args{1}, single(x)), want);
assert(class(lathe_mex(args{1}, x)), 'single');
function refused(text, varargin)
  try
    lathe_mex(varargin{:});
  catch e
    assert(! isempty(strfind(e.message, text)), e.message);
    return
  end
  error('no error with %s', text);
end
refused('no such file', 'none.onnx', x);
refused('file name', 1);
refused('1 inputs and 1 outputs, got 2', args{1}, x, x);
refused('wants extent 3 on axis 1', args{1}, x');
refused('int8', args{1}, int8(x));
for i = 1:1000
  assert(lathe_mex(args{1}, x), want);
end
disp passed
