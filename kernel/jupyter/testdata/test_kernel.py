"""jupyter_kernel_test over the kernel: every sample is set, so that a skip is a failure of this file."""
import unittest

import jupyter_kernel_test as jkt


class LatheKernelTests(jkt.KernelTests):
    kernel_name = "lathe"
    language_name = "go"
    file_extension = ".go"
    code_hello_world = 'fmt.Println("hello, world")'
    code_stderr = 'fmt.Fprintln(os.Stderr, "oops")'
    completion_samples = [
        {"text": "fmt.Prin", "matches": {"Print", "Printf", "Println"}},
        {"text": "strings.ToUp", "matches": {"ToUpper", "ToUpperSpecial"}},
    ]
    complete_code_samples = ["1 + 1", "for i := range 3 {\n\tfmt.Println(i)\n}", "func f() int { return 1 }"]
    incomplete_code_samples = ["for i := range 3 {", "func f() int {", "x := []int{1,"]
    invalid_code_samples = ["for }", "x := )"]
    code_generate_error = 'panic("no")'
    code_execute_result = [{"code": "6 * 7", "result": "42"}, {"code": '"a" + "b"', "result": "ab"}]
    code_display_data = [
        {"code": 'display.Show(display.HTML("<b>bold</b>"))', "mime": "text/html"},
        {"code": 'display.Show(viz.Line("loss", nil, []float64{3, 2, 1}))', "mime": "application/vnd.lathe.echarts+json"},
    ]
    code_history_pattern = "6 ?*"
    supported_history_operations = ("tail", "search", "range")
    code_inspect_sample = "strings.ToUpper"
    code_clear_output = "display.Clear(false)"
    code_page_something = "strings.ToUpper?"


if __name__ == "__main__":
    unittest.main()
