package mergeline.model_test

import data.mergeline.model

# The same cases are put to both engines through Mergeline's own code.
test_cases[name] if {
	some name, one in cases
	holds(one)
}

denied(document) := found if found := model.deny with input as document

warned(document) := found if found := model.warn with input as document

holds(one) if {
	some result in (denied(one.input) | warned(one.input))
	result.id == one.finds.id
	result.path == one.finds.path
}

holds(one) if {
	some result in denied(one.input)
	result.msg == one.says
}

holds(one) if {
	one.passes == true
	count(denied(one.input)) == 0
}

holds(one) if {
	one.silent == true
	count(denied(one.input) | warned(one.input)) == 0
}
