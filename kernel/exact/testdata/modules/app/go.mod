module example.com/app

go 1.26

require (
	example.com/asm v0.1.0
	example.com/dep v1.2.3
	example.com/missing v1.0.0
	example.com/local v0.0.0
)

replace example.com/local => ../local
