{vex3} vaddps ymm0, ymm1, ymm2
{vex3} vaddps ymm7, ymm8, ymm15
{vex3} vaddps ymm15, ymm7, ymm8
{vex3} vaddps ymm8, ymm15, ymm7
{vex3} vaddps ymm3, ymm12, ymm5
{vex3} vaddps ymm0, ymm1, [rdi]
{vex3} vaddps ymm7, ymm8, [rax+rcx*1]
{vex3} vaddps ymm15, ymm7, [rdi+8]
{vex3} vaddps ymm8, ymm15, [rdi+64]
{vex3} vaddps ymm3, ymm12, [rdi-128]
{vex3} vaddps ymm0, ymm1, [rdi+127]
{vex3} vaddps ymm7, ymm8, [rdi+128]
{vex3} vaddps ymm15, ymm7, [rdi+8128]
{vex3} vaddps ymm8, ymm15, [rdi+8192]
{vex3} vaddps ymm3, ymm12, [rdi-8192]
{vex3} vaddps ymm0, ymm1, [rdi-8200]
{vex3} vaddps ymm7, ymm8, [r8+4]
{vex3} vaddps ymm15, ymm7, [r12]
{vex3} vaddps ymm8, ymm15, [r13]
{vex3} vaddps ymm3, ymm12, [rbp]
{vex3} vaddps ymm0, ymm1, [r15+r14*8+512]
{vex3} vaddps ymm7, ymm8, [r12+r9*2+100]
{vex3} vaddps ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vaddps ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vaddps ymm3, ymm12, [r13+r8*4]
{vex3} vmulps ymm0, ymm1, ymm2
{vex3} vmulps ymm7, ymm8, ymm15
{vex3} vmulps ymm15, ymm7, ymm8
{vex3} vmulps ymm8, ymm15, ymm7
{vex3} vmulps ymm3, ymm12, ymm5
{vex3} vmulps ymm0, ymm1, [rdi]
{vex3} vmulps ymm7, ymm8, [rax+rcx*1]
{vex3} vmulps ymm15, ymm7, [rdi+8]
{vex3} vmulps ymm8, ymm15, [rdi+64]
{vex3} vmulps ymm3, ymm12, [rdi-128]
{vex3} vmulps ymm0, ymm1, [rdi+127]
{vex3} vmulps ymm7, ymm8, [rdi+128]
{vex3} vmulps ymm15, ymm7, [rdi+8128]
{vex3} vmulps ymm8, ymm15, [rdi+8192]
{vex3} vmulps ymm3, ymm12, [rdi-8192]
{vex3} vmulps ymm0, ymm1, [rdi-8200]
{vex3} vmulps ymm7, ymm8, [r8+4]
{vex3} vmulps ymm15, ymm7, [r12]
{vex3} vmulps ymm8, ymm15, [r13]
{vex3} vmulps ymm3, ymm12, [rbp]
{vex3} vmulps ymm0, ymm1, [r15+r14*8+512]
{vex3} vmulps ymm7, ymm8, [r12+r9*2+100]
{vex3} vmulps ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vmulps ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vmulps ymm3, ymm12, [r13+r8*4]
{vex3} vsubps ymm0, ymm1, ymm2
{vex3} vsubps ymm7, ymm8, ymm15
{vex3} vsubps ymm15, ymm7, ymm8
{vex3} vsubps ymm8, ymm15, ymm7
{vex3} vsubps ymm3, ymm12, ymm5
{vex3} vsubps ymm0, ymm1, [rdi]
{vex3} vsubps ymm7, ymm8, [rax+rcx*1]
{vex3} vsubps ymm15, ymm7, [rdi+8]
{vex3} vsubps ymm8, ymm15, [rdi+64]
{vex3} vsubps ymm3, ymm12, [rdi-128]
{vex3} vsubps ymm0, ymm1, [rdi+127]
{vex3} vsubps ymm7, ymm8, [rdi+128]
{vex3} vsubps ymm15, ymm7, [rdi+8128]
{vex3} vsubps ymm8, ymm15, [rdi+8192]
{vex3} vsubps ymm3, ymm12, [rdi-8192]
{vex3} vsubps ymm0, ymm1, [rdi-8200]
{vex3} vsubps ymm7, ymm8, [r8+4]
{vex3} vsubps ymm15, ymm7, [r12]
{vex3} vsubps ymm8, ymm15, [r13]
{vex3} vsubps ymm3, ymm12, [rbp]
{vex3} vsubps ymm0, ymm1, [r15+r14*8+512]
{vex3} vsubps ymm7, ymm8, [r12+r9*2+100]
{vex3} vsubps ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vsubps ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vsubps ymm3, ymm12, [r13+r8*4]
{vex3} vminps ymm0, ymm1, ymm2
{vex3} vminps ymm7, ymm8, ymm15
{vex3} vminps ymm15, ymm7, ymm8
{vex3} vminps ymm8, ymm15, ymm7
{vex3} vminps ymm3, ymm12, ymm5
{vex3} vminps ymm0, ymm1, [rdi]
{vex3} vminps ymm7, ymm8, [rax+rcx*1]
{vex3} vminps ymm15, ymm7, [rdi+8]
{vex3} vminps ymm8, ymm15, [rdi+64]
{vex3} vminps ymm3, ymm12, [rdi-128]
{vex3} vminps ymm0, ymm1, [rdi+127]
{vex3} vminps ymm7, ymm8, [rdi+128]
{vex3} vminps ymm15, ymm7, [rdi+8128]
{vex3} vminps ymm8, ymm15, [rdi+8192]
{vex3} vminps ymm3, ymm12, [rdi-8192]
{vex3} vminps ymm0, ymm1, [rdi-8200]
{vex3} vminps ymm7, ymm8, [r8+4]
{vex3} vminps ymm15, ymm7, [r12]
{vex3} vminps ymm8, ymm15, [r13]
{vex3} vminps ymm3, ymm12, [rbp]
{vex3} vminps ymm0, ymm1, [r15+r14*8+512]
{vex3} vminps ymm7, ymm8, [r12+r9*2+100]
{vex3} vminps ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vminps ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vminps ymm3, ymm12, [r13+r8*4]
{vex3} vdivps ymm0, ymm1, ymm2
{vex3} vdivps ymm7, ymm8, ymm15
{vex3} vdivps ymm15, ymm7, ymm8
{vex3} vdivps ymm8, ymm15, ymm7
{vex3} vdivps ymm3, ymm12, ymm5
{vex3} vdivps ymm0, ymm1, [rdi]
{vex3} vdivps ymm7, ymm8, [rax+rcx*1]
{vex3} vdivps ymm15, ymm7, [rdi+8]
{vex3} vdivps ymm8, ymm15, [rdi+64]
{vex3} vdivps ymm3, ymm12, [rdi-128]
{vex3} vdivps ymm0, ymm1, [rdi+127]
{vex3} vdivps ymm7, ymm8, [rdi+128]
{vex3} vdivps ymm15, ymm7, [rdi+8128]
{vex3} vdivps ymm8, ymm15, [rdi+8192]
{vex3} vdivps ymm3, ymm12, [rdi-8192]
{vex3} vdivps ymm0, ymm1, [rdi-8200]
{vex3} vdivps ymm7, ymm8, [r8+4]
{vex3} vdivps ymm15, ymm7, [r12]
{vex3} vdivps ymm8, ymm15, [r13]
{vex3} vdivps ymm3, ymm12, [rbp]
{vex3} vdivps ymm0, ymm1, [r15+r14*8+512]
{vex3} vdivps ymm7, ymm8, [r12+r9*2+100]
{vex3} vdivps ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vdivps ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vdivps ymm3, ymm12, [r13+r8*4]
{vex3} vmaxps ymm0, ymm1, ymm2
{vex3} vmaxps ymm7, ymm8, ymm15
{vex3} vmaxps ymm15, ymm7, ymm8
{vex3} vmaxps ymm8, ymm15, ymm7
{vex3} vmaxps ymm3, ymm12, ymm5
{vex3} vmaxps ymm0, ymm1, [rdi]
{vex3} vmaxps ymm7, ymm8, [rax+rcx*1]
{vex3} vmaxps ymm15, ymm7, [rdi+8]
{vex3} vmaxps ymm8, ymm15, [rdi+64]
{vex3} vmaxps ymm3, ymm12, [rdi-128]
{vex3} vmaxps ymm0, ymm1, [rdi+127]
{vex3} vmaxps ymm7, ymm8, [rdi+128]
{vex3} vmaxps ymm15, ymm7, [rdi+8128]
{vex3} vmaxps ymm8, ymm15, [rdi+8192]
{vex3} vmaxps ymm3, ymm12, [rdi-8192]
{vex3} vmaxps ymm0, ymm1, [rdi-8200]
{vex3} vmaxps ymm7, ymm8, [r8+4]
{vex3} vmaxps ymm15, ymm7, [r12]
{vex3} vmaxps ymm8, ymm15, [r13]
{vex3} vmaxps ymm3, ymm12, [rbp]
{vex3} vmaxps ymm0, ymm1, [r15+r14*8+512]
{vex3} vmaxps ymm7, ymm8, [r12+r9*2+100]
{vex3} vmaxps ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vmaxps ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vmaxps ymm3, ymm12, [r13+r8*4]
{vex3} vandps ymm0, ymm1, ymm2
{vex3} vandps ymm7, ymm8, ymm15
{vex3} vandps ymm15, ymm7, ymm8
{vex3} vandps ymm8, ymm15, ymm7
{vex3} vandps ymm3, ymm12, ymm5
{vex3} vandps ymm0, ymm1, [rdi]
{vex3} vandps ymm7, ymm8, [rax+rcx*1]
{vex3} vandps ymm15, ymm7, [rdi+8]
{vex3} vandps ymm8, ymm15, [rdi+64]
{vex3} vandps ymm3, ymm12, [rdi-128]
{vex3} vandps ymm0, ymm1, [rdi+127]
{vex3} vandps ymm7, ymm8, [rdi+128]
{vex3} vandps ymm15, ymm7, [rdi+8128]
{vex3} vandps ymm8, ymm15, [rdi+8192]
{vex3} vandps ymm3, ymm12, [rdi-8192]
{vex3} vandps ymm0, ymm1, [rdi-8200]
{vex3} vandps ymm7, ymm8, [r8+4]
{vex3} vandps ymm15, ymm7, [r12]
{vex3} vandps ymm8, ymm15, [r13]
{vex3} vandps ymm3, ymm12, [rbp]
{vex3} vandps ymm0, ymm1, [r15+r14*8+512]
{vex3} vandps ymm7, ymm8, [r12+r9*2+100]
{vex3} vandps ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vandps ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vandps ymm3, ymm12, [r13+r8*4]
{vex3} vorps ymm0, ymm1, ymm2
{vex3} vorps ymm7, ymm8, ymm15
{vex3} vorps ymm15, ymm7, ymm8
{vex3} vorps ymm8, ymm15, ymm7
{vex3} vorps ymm3, ymm12, ymm5
{vex3} vorps ymm0, ymm1, [rdi]
{vex3} vorps ymm7, ymm8, [rax+rcx*1]
{vex3} vorps ymm15, ymm7, [rdi+8]
{vex3} vorps ymm8, ymm15, [rdi+64]
{vex3} vorps ymm3, ymm12, [rdi-128]
{vex3} vorps ymm0, ymm1, [rdi+127]
{vex3} vorps ymm7, ymm8, [rdi+128]
{vex3} vorps ymm15, ymm7, [rdi+8128]
{vex3} vorps ymm8, ymm15, [rdi+8192]
{vex3} vorps ymm3, ymm12, [rdi-8192]
{vex3} vorps ymm0, ymm1, [rdi-8200]
{vex3} vorps ymm7, ymm8, [r8+4]
{vex3} vorps ymm15, ymm7, [r12]
{vex3} vorps ymm8, ymm15, [r13]
{vex3} vorps ymm3, ymm12, [rbp]
{vex3} vorps ymm0, ymm1, [r15+r14*8+512]
{vex3} vorps ymm7, ymm8, [r12+r9*2+100]
{vex3} vorps ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vorps ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vorps ymm3, ymm12, [r13+r8*4]
{vex3} vxorps ymm0, ymm1, ymm2
{vex3} vxorps ymm7, ymm8, ymm15
{vex3} vxorps ymm15, ymm7, ymm8
{vex3} vxorps ymm8, ymm15, ymm7
{vex3} vxorps ymm3, ymm12, ymm5
{vex3} vxorps ymm0, ymm1, [rdi]
{vex3} vxorps ymm7, ymm8, [rax+rcx*1]
{vex3} vxorps ymm15, ymm7, [rdi+8]
{vex3} vxorps ymm8, ymm15, [rdi+64]
{vex3} vxorps ymm3, ymm12, [rdi-128]
{vex3} vxorps ymm0, ymm1, [rdi+127]
{vex3} vxorps ymm7, ymm8, [rdi+128]
{vex3} vxorps ymm15, ymm7, [rdi+8128]
{vex3} vxorps ymm8, ymm15, [rdi+8192]
{vex3} vxorps ymm3, ymm12, [rdi-8192]
{vex3} vxorps ymm0, ymm1, [rdi-8200]
{vex3} vxorps ymm7, ymm8, [r8+4]
{vex3} vxorps ymm15, ymm7, [r12]
{vex3} vxorps ymm8, ymm15, [r13]
{vex3} vxorps ymm3, ymm12, [rbp]
{vex3} vxorps ymm0, ymm1, [r15+r14*8+512]
{vex3} vxorps ymm7, ymm8, [r12+r9*2+100]
{vex3} vxorps ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vxorps ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vxorps ymm3, ymm12, [r13+r8*4]
{vex3} vsqrtps ymm0, ymm2
{vex3} vsqrtps ymm7, ymm15
{vex3} vsqrtps ymm15, ymm8
{vex3} vsqrtps ymm8, ymm7
{vex3} vsqrtps ymm3, ymm5
{vex3} vsqrtps ymm0, [rdi]
{vex3} vsqrtps ymm7, [rax+rcx*1]
{vex3} vsqrtps ymm15, [rdi+8]
{vex3} vsqrtps ymm8, [rdi+64]
{vex3} vsqrtps ymm3, [rdi-128]
{vex3} vsqrtps ymm0, [rdi+127]
{vex3} vsqrtps ymm7, [rdi+128]
{vex3} vsqrtps ymm15, [rdi+8128]
{vex3} vsqrtps ymm8, [rdi+8192]
{vex3} vsqrtps ymm3, [rdi-8192]
{vex3} vsqrtps ymm0, [rdi-8200]
{vex3} vsqrtps ymm7, [r8+4]
{vex3} vsqrtps ymm15, [r12]
{vex3} vsqrtps ymm8, [r13]
{vex3} vsqrtps ymm3, [rbp]
{vex3} vsqrtps ymm0, [r15+r14*8+512]
{vex3} vsqrtps ymm7, [r12+r9*2+100]
{vex3} vsqrtps ymm15, [rdi+rdx*4+32]
{vex3} vsqrtps ymm8, [rdi+rdx*8+1000]
{vex3} vsqrtps ymm3, [r13+r8*4]
{vex3} vmovaps ymm0, ymm2
{vex3} vmovaps ymm7, ymm15
{vex3} vmovaps ymm15, ymm8
{vex3} vmovaps ymm8, ymm7
{vex3} vmovaps ymm3, ymm5
{vex3} vmovaps ymm0, [rdi]
{vex3} vmovaps ymm7, [rax+rcx*1]
{vex3} vmovaps ymm15, [rdi+8]
{vex3} vmovaps ymm8, [rdi+64]
{vex3} vmovaps ymm3, [rdi-128]
{vex3} vmovaps ymm0, [rdi+127]
{vex3} vmovaps ymm7, [rdi+128]
{vex3} vmovaps ymm15, [rdi+8128]
{vex3} vmovaps ymm8, [rdi+8192]
{vex3} vmovaps ymm3, [rdi-8192]
{vex3} vmovaps ymm0, [rdi-8200]
{vex3} vmovaps ymm7, [r8+4]
{vex3} vmovaps ymm15, [r12]
{vex3} vmovaps ymm8, [r13]
{vex3} vmovaps ymm3, [rbp]
{vex3} vmovaps ymm0, [r15+r14*8+512]
{vex3} vmovaps ymm7, [r12+r9*2+100]
{vex3} vmovaps ymm15, [rdi+rdx*4+32]
{vex3} vmovaps ymm8, [rdi+rdx*8+1000]
{vex3} vmovaps ymm3, [r13+r8*4]
{vex3} vmovups ymm0, [rdi]
{vex3} vmovups ymm7, [rax+rcx*1]
{vex3} vmovups ymm15, [rdi+8]
{vex3} vmovups ymm8, [rdi+64]
{vex3} vmovups ymm3, [rdi-128]
{vex3} vmovups ymm0, [rdi+127]
{vex3} vmovups ymm7, [rdi+128]
{vex3} vmovups ymm15, [rdi+8128]
{vex3} vmovups ymm8, [rdi+8192]
{vex3} vmovups ymm3, [rdi-8192]
{vex3} vmovups ymm0, [rdi-8200]
{vex3} vmovups ymm7, [r8+4]
{vex3} vmovups ymm15, [r12]
{vex3} vmovups ymm8, [r13]
{vex3} vmovups ymm3, [rbp]
{vex3} vmovups ymm0, [r15+r14*8+512]
{vex3} vmovups ymm7, [r12+r9*2+100]
{vex3} vmovups ymm15, [rdi+rdx*4+32]
{vex3} vmovups ymm8, [rdi+rdx*8+1000]
{vex3} vmovups ymm3, [r13+r8*4]
{vex3} vmovups [rdi], ymm0
{vex3} vmovups [rax+rcx*1], ymm7
{vex3} vmovups [rdi+8], ymm15
{vex3} vmovups [rdi+64], ymm8
{vex3} vmovups [rdi-128], ymm3
{vex3} vmovups [rdi+127], ymm0
{vex3} vmovups [rdi+128], ymm7
{vex3} vmovups [rdi+8128], ymm15
{vex3} vmovups [rdi+8192], ymm8
{vex3} vmovups [rdi-8192], ymm3
{vex3} vmovups [rdi-8200], ymm0
{vex3} vmovups [r8+4], ymm7
{vex3} vmovups [r12], ymm15
{vex3} vmovups [r13], ymm8
{vex3} vmovups [rbp], ymm3
{vex3} vmovups [r15+r14*8+512], ymm0
{vex3} vmovups [r12+r9*2+100], ymm7
{vex3} vmovups [rdi+rdx*4+32], ymm15
{vex3} vmovups [rdi+rdx*8+1000], ymm8
{vex3} vmovups [r13+r8*4], ymm3
{vex3} vbroadcastss ymm0, [rdi]
{vex3} vbroadcastss ymm7, [rax+rcx*1]
{vex3} vbroadcastss ymm15, [rdi+8]
{vex3} vbroadcastss ymm8, [rdi+64]
{vex3} vbroadcastss ymm3, [rdi-128]
{vex3} vbroadcastss ymm0, [rdi+127]
{vex3} vbroadcastss ymm7, [rdi+128]
{vex3} vbroadcastss ymm15, [rdi+8128]
{vex3} vbroadcastss ymm8, [rdi+8192]
{vex3} vbroadcastss ymm3, [rdi-8192]
{vex3} vbroadcastss ymm0, [rdi-8200]
{vex3} vbroadcastss ymm7, [r8+4]
{vex3} vbroadcastss ymm15, [r12]
{vex3} vbroadcastss ymm8, [r13]
{vex3} vbroadcastss ymm3, [rbp]
{vex3} vbroadcastss ymm0, [r15+r14*8+512]
{vex3} vbroadcastss ymm7, [r12+r9*2+100]
{vex3} vbroadcastss ymm15, [rdi+rdx*4+32]
{vex3} vbroadcastss ymm8, [rdi+rdx*8+1000]
{vex3} vbroadcastss ymm3, [r13+r8*4]
{vex3} vfmadd213ps ymm0, ymm1, ymm2
{vex3} vfmadd213ps ymm7, ymm8, ymm15
{vex3} vfmadd213ps ymm15, ymm7, ymm8
{vex3} vfmadd213ps ymm8, ymm15, ymm7
{vex3} vfmadd213ps ymm3, ymm12, ymm5
{vex3} vfmadd213ps ymm0, ymm1, [rdi]
{vex3} vfmadd213ps ymm7, ymm8, [rax+rcx*1]
{vex3} vfmadd213ps ymm15, ymm7, [rdi+8]
{vex3} vfmadd213ps ymm8, ymm15, [rdi+64]
{vex3} vfmadd213ps ymm3, ymm12, [rdi-128]
{vex3} vfmadd213ps ymm0, ymm1, [rdi+127]
{vex3} vfmadd213ps ymm7, ymm8, [rdi+128]
{vex3} vfmadd213ps ymm15, ymm7, [rdi+8128]
{vex3} vfmadd213ps ymm8, ymm15, [rdi+8192]
{vex3} vfmadd213ps ymm3, ymm12, [rdi-8192]
{vex3} vfmadd213ps ymm0, ymm1, [rdi-8200]
{vex3} vfmadd213ps ymm7, ymm8, [r8+4]
{vex3} vfmadd213ps ymm15, ymm7, [r12]
{vex3} vfmadd213ps ymm8, ymm15, [r13]
{vex3} vfmadd213ps ymm3, ymm12, [rbp]
{vex3} vfmadd213ps ymm0, ymm1, [r15+r14*8+512]
{vex3} vfmadd213ps ymm7, ymm8, [r12+r9*2+100]
{vex3} vfmadd213ps ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vfmadd213ps ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vfmadd213ps ymm3, ymm12, [r13+r8*4]
{vex3} vfmadd231ps ymm0, ymm1, ymm2
{vex3} vfmadd231ps ymm7, ymm8, ymm15
{vex3} vfmadd231ps ymm15, ymm7, ymm8
{vex3} vfmadd231ps ymm8, ymm15, ymm7
{vex3} vfmadd231ps ymm3, ymm12, ymm5
{vex3} vfmadd231ps ymm0, ymm1, [rdi]
{vex3} vfmadd231ps ymm7, ymm8, [rax+rcx*1]
{vex3} vfmadd231ps ymm15, ymm7, [rdi+8]
{vex3} vfmadd231ps ymm8, ymm15, [rdi+64]
{vex3} vfmadd231ps ymm3, ymm12, [rdi-128]
{vex3} vfmadd231ps ymm0, ymm1, [rdi+127]
{vex3} vfmadd231ps ymm7, ymm8, [rdi+128]
{vex3} vfmadd231ps ymm15, ymm7, [rdi+8128]
{vex3} vfmadd231ps ymm8, ymm15, [rdi+8192]
{vex3} vfmadd231ps ymm3, ymm12, [rdi-8192]
{vex3} vfmadd231ps ymm0, ymm1, [rdi-8200]
{vex3} vfmadd231ps ymm7, ymm8, [r8+4]
{vex3} vfmadd231ps ymm15, ymm7, [r12]
{vex3} vfmadd231ps ymm8, ymm15, [r13]
{vex3} vfmadd231ps ymm3, ymm12, [rbp]
{vex3} vfmadd231ps ymm0, ymm1, [r15+r14*8+512]
{vex3} vfmadd231ps ymm7, ymm8, [r12+r9*2+100]
{vex3} vfmadd231ps ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vfmadd231ps ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vfmadd231ps ymm3, ymm12, [r13+r8*4]
{vex3} vfmsub231ps ymm0, ymm1, ymm2
{vex3} vfmsub231ps ymm7, ymm8, ymm15
{vex3} vfmsub231ps ymm15, ymm7, ymm8
{vex3} vfmsub231ps ymm8, ymm15, ymm7
{vex3} vfmsub231ps ymm3, ymm12, ymm5
{vex3} vfmsub231ps ymm0, ymm1, [rdi]
{vex3} vfmsub231ps ymm7, ymm8, [rax+rcx*1]
{vex3} vfmsub231ps ymm15, ymm7, [rdi+8]
{vex3} vfmsub231ps ymm8, ymm15, [rdi+64]
{vex3} vfmsub231ps ymm3, ymm12, [rdi-128]
{vex3} vfmsub231ps ymm0, ymm1, [rdi+127]
{vex3} vfmsub231ps ymm7, ymm8, [rdi+128]
{vex3} vfmsub231ps ymm15, ymm7, [rdi+8128]
{vex3} vfmsub231ps ymm8, ymm15, [rdi+8192]
{vex3} vfmsub231ps ymm3, ymm12, [rdi-8192]
{vex3} vfmsub231ps ymm0, ymm1, [rdi-8200]
{vex3} vfmsub231ps ymm7, ymm8, [r8+4]
{vex3} vfmsub231ps ymm15, ymm7, [r12]
{vex3} vfmsub231ps ymm8, ymm15, [r13]
{vex3} vfmsub231ps ymm3, ymm12, [rbp]
{vex3} vfmsub231ps ymm0, ymm1, [r15+r14*8+512]
{vex3} vfmsub231ps ymm7, ymm8, [r12+r9*2+100]
{vex3} vfmsub231ps ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vfmsub231ps ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vfmsub231ps ymm3, ymm12, [r13+r8*4]
{vex3} vfnmadd231ps ymm0, ymm1, ymm2
{vex3} vfnmadd231ps ymm7, ymm8, ymm15
{vex3} vfnmadd231ps ymm15, ymm7, ymm8
{vex3} vfnmadd231ps ymm8, ymm15, ymm7
{vex3} vfnmadd231ps ymm3, ymm12, ymm5
{vex3} vfnmadd231ps ymm0, ymm1, [rdi]
{vex3} vfnmadd231ps ymm7, ymm8, [rax+rcx*1]
{vex3} vfnmadd231ps ymm15, ymm7, [rdi+8]
{vex3} vfnmadd231ps ymm8, ymm15, [rdi+64]
{vex3} vfnmadd231ps ymm3, ymm12, [rdi-128]
{vex3} vfnmadd231ps ymm0, ymm1, [rdi+127]
{vex3} vfnmadd231ps ymm7, ymm8, [rdi+128]
{vex3} vfnmadd231ps ymm15, ymm7, [rdi+8128]
{vex3} vfnmadd231ps ymm8, ymm15, [rdi+8192]
{vex3} vfnmadd231ps ymm3, ymm12, [rdi-8192]
{vex3} vfnmadd231ps ymm0, ymm1, [rdi-8200]
{vex3} vfnmadd231ps ymm7, ymm8, [r8+4]
{vex3} vfnmadd231ps ymm15, ymm7, [r12]
{vex3} vfnmadd231ps ymm8, ymm15, [r13]
{vex3} vfnmadd231ps ymm3, ymm12, [rbp]
{vex3} vfnmadd231ps ymm0, ymm1, [r15+r14*8+512]
{vex3} vfnmadd231ps ymm7, ymm8, [r12+r9*2+100]
{vex3} vfnmadd231ps ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vfnmadd231ps ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vfnmadd231ps ymm3, ymm12, [r13+r8*4]
{vex3} vfnmsub231ps ymm0, ymm1, ymm2
{vex3} vfnmsub231ps ymm7, ymm8, ymm15
{vex3} vfnmsub231ps ymm15, ymm7, ymm8
{vex3} vfnmsub231ps ymm8, ymm15, ymm7
{vex3} vfnmsub231ps ymm3, ymm12, ymm5
{vex3} vfnmsub231ps ymm0, ymm1, [rdi]
{vex3} vfnmsub231ps ymm7, ymm8, [rax+rcx*1]
{vex3} vfnmsub231ps ymm15, ymm7, [rdi+8]
{vex3} vfnmsub231ps ymm8, ymm15, [rdi+64]
{vex3} vfnmsub231ps ymm3, ymm12, [rdi-128]
{vex3} vfnmsub231ps ymm0, ymm1, [rdi+127]
{vex3} vfnmsub231ps ymm7, ymm8, [rdi+128]
{vex3} vfnmsub231ps ymm15, ymm7, [rdi+8128]
{vex3} vfnmsub231ps ymm8, ymm15, [rdi+8192]
{vex3} vfnmsub231ps ymm3, ymm12, [rdi-8192]
{vex3} vfnmsub231ps ymm0, ymm1, [rdi-8200]
{vex3} vfnmsub231ps ymm7, ymm8, [r8+4]
{vex3} vfnmsub231ps ymm15, ymm7, [r12]
{vex3} vfnmsub231ps ymm8, ymm15, [r13]
{vex3} vfnmsub231ps ymm3, ymm12, [rbp]
{vex3} vfnmsub231ps ymm0, ymm1, [r15+r14*8+512]
{vex3} vfnmsub231ps ymm7, ymm8, [r12+r9*2+100]
{vex3} vfnmsub231ps ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vfnmsub231ps ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vfnmsub231ps ymm3, ymm12, [r13+r8*4]
{vex3} vroundps ymm0, ymm2, 9
{vex3} vroundps ymm7, ymm15, 9
{vex3} vroundps ymm15, ymm8, 9
{vex3} vroundps ymm8, ymm7, 9
{vex3} vroundps ymm3, ymm5, 9
{vex3} vroundps ymm0, [rdi], 9
{vex3} vroundps ymm7, [rax+rcx*1], 9
{vex3} vroundps ymm15, [rdi+8], 9
{vex3} vroundps ymm8, [rdi+64], 9
{vex3} vroundps ymm3, [rdi-128], 9
{vex3} vroundps ymm0, [rdi+127], 9
{vex3} vroundps ymm7, [rdi+128], 9
{vex3} vroundps ymm15, [rdi+8128], 9
{vex3} vroundps ymm8, [rdi+8192], 9
{vex3} vroundps ymm3, [rdi-8192], 9
{vex3} vroundps ymm0, [rdi-8200], 9
{vex3} vroundps ymm7, [r8+4], 9
{vex3} vroundps ymm15, [r12], 9
{vex3} vroundps ymm8, [r13], 9
{vex3} vroundps ymm3, [rbp], 9
{vex3} vroundps ymm0, [r15+r14*8+512], 9
{vex3} vroundps ymm7, [r12+r9*2+100], 9
{vex3} vroundps ymm15, [rdi+rdx*4+32], 9
{vex3} vroundps ymm8, [rdi+rdx*8+1000], 9
{vex3} vroundps ymm3, [r13+r8*4], 9
{vex3} vcvtdq2ps ymm0, ymm2
{vex3} vcvtdq2ps ymm7, ymm15
{vex3} vcvtdq2ps ymm15, ymm8
{vex3} vcvtdq2ps ymm8, ymm7
{vex3} vcvtdq2ps ymm3, ymm5
{vex3} vcvtdq2ps ymm0, [rdi]
{vex3} vcvtdq2ps ymm7, [rax+rcx*1]
{vex3} vcvtdq2ps ymm15, [rdi+8]
{vex3} vcvtdq2ps ymm8, [rdi+64]
{vex3} vcvtdq2ps ymm3, [rdi-128]
{vex3} vcvtdq2ps ymm0, [rdi+127]
{vex3} vcvtdq2ps ymm7, [rdi+128]
{vex3} vcvtdq2ps ymm15, [rdi+8128]
{vex3} vcvtdq2ps ymm8, [rdi+8192]
{vex3} vcvtdq2ps ymm3, [rdi-8192]
{vex3} vcvtdq2ps ymm0, [rdi-8200]
{vex3} vcvtdq2ps ymm7, [r8+4]
{vex3} vcvtdq2ps ymm15, [r12]
{vex3} vcvtdq2ps ymm8, [r13]
{vex3} vcvtdq2ps ymm3, [rbp]
{vex3} vcvtdq2ps ymm0, [r15+r14*8+512]
{vex3} vcvtdq2ps ymm7, [r12+r9*2+100]
{vex3} vcvtdq2ps ymm15, [rdi+rdx*4+32]
{vex3} vcvtdq2ps ymm8, [rdi+rdx*8+1000]
{vex3} vcvtdq2ps ymm3, [r13+r8*4]
{vex3} vcvtps2dq ymm0, ymm2
{vex3} vcvtps2dq ymm7, ymm15
{vex3} vcvtps2dq ymm15, ymm8
{vex3} vcvtps2dq ymm8, ymm7
{vex3} vcvtps2dq ymm3, ymm5
{vex3} vcvtps2dq ymm0, [rdi]
{vex3} vcvtps2dq ymm7, [rax+rcx*1]
{vex3} vcvtps2dq ymm15, [rdi+8]
{vex3} vcvtps2dq ymm8, [rdi+64]
{vex3} vcvtps2dq ymm3, [rdi-128]
{vex3} vcvtps2dq ymm0, [rdi+127]
{vex3} vcvtps2dq ymm7, [rdi+128]
{vex3} vcvtps2dq ymm15, [rdi+8128]
{vex3} vcvtps2dq ymm8, [rdi+8192]
{vex3} vcvtps2dq ymm3, [rdi-8192]
{vex3} vcvtps2dq ymm0, [rdi-8200]
{vex3} vcvtps2dq ymm7, [r8+4]
{vex3} vcvtps2dq ymm15, [r12]
{vex3} vcvtps2dq ymm8, [r13]
{vex3} vcvtps2dq ymm3, [rbp]
{vex3} vcvtps2dq ymm0, [r15+r14*8+512]
{vex3} vcvtps2dq ymm7, [r12+r9*2+100]
{vex3} vcvtps2dq ymm15, [rdi+rdx*4+32]
{vex3} vcvtps2dq ymm8, [rdi+rdx*8+1000]
{vex3} vcvtps2dq ymm3, [r13+r8*4]
{vex3} vpaddd ymm0, ymm1, ymm2
{vex3} vpaddd ymm7, ymm8, ymm15
{vex3} vpaddd ymm15, ymm7, ymm8
{vex3} vpaddd ymm8, ymm15, ymm7
{vex3} vpaddd ymm3, ymm12, ymm5
{vex3} vpaddd ymm0, ymm1, [rdi]
{vex3} vpaddd ymm7, ymm8, [rax+rcx*1]
{vex3} vpaddd ymm15, ymm7, [rdi+8]
{vex3} vpaddd ymm8, ymm15, [rdi+64]
{vex3} vpaddd ymm3, ymm12, [rdi-128]
{vex3} vpaddd ymm0, ymm1, [rdi+127]
{vex3} vpaddd ymm7, ymm8, [rdi+128]
{vex3} vpaddd ymm15, ymm7, [rdi+8128]
{vex3} vpaddd ymm8, ymm15, [rdi+8192]
{vex3} vpaddd ymm3, ymm12, [rdi-8192]
{vex3} vpaddd ymm0, ymm1, [rdi-8200]
{vex3} vpaddd ymm7, ymm8, [r8+4]
{vex3} vpaddd ymm15, ymm7, [r12]
{vex3} vpaddd ymm8, ymm15, [r13]
{vex3} vpaddd ymm3, ymm12, [rbp]
{vex3} vpaddd ymm0, ymm1, [r15+r14*8+512]
{vex3} vpaddd ymm7, ymm8, [r12+r9*2+100]
{vex3} vpaddd ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vpaddd ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vpaddd ymm3, ymm12, [r13+r8*4]
{vex3} vpsubd ymm0, ymm1, ymm2
{vex3} vpsubd ymm7, ymm8, ymm15
{vex3} vpsubd ymm15, ymm7, ymm8
{vex3} vpsubd ymm8, ymm15, ymm7
{vex3} vpsubd ymm3, ymm12, ymm5
{vex3} vpsubd ymm0, ymm1, [rdi]
{vex3} vpsubd ymm7, ymm8, [rax+rcx*1]
{vex3} vpsubd ymm15, ymm7, [rdi+8]
{vex3} vpsubd ymm8, ymm15, [rdi+64]
{vex3} vpsubd ymm3, ymm12, [rdi-128]
{vex3} vpsubd ymm0, ymm1, [rdi+127]
{vex3} vpsubd ymm7, ymm8, [rdi+128]
{vex3} vpsubd ymm15, ymm7, [rdi+8128]
{vex3} vpsubd ymm8, ymm15, [rdi+8192]
{vex3} vpsubd ymm3, ymm12, [rdi-8192]
{vex3} vpsubd ymm0, ymm1, [rdi-8200]
{vex3} vpsubd ymm7, ymm8, [r8+4]
{vex3} vpsubd ymm15, ymm7, [r12]
{vex3} vpsubd ymm8, ymm15, [r13]
{vex3} vpsubd ymm3, ymm12, [rbp]
{vex3} vpsubd ymm0, ymm1, [r15+r14*8+512]
{vex3} vpsubd ymm7, ymm8, [r12+r9*2+100]
{vex3} vpsubd ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vpsubd ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vpsubd ymm3, ymm12, [r13+r8*4]
{vex3} vpsrld ymm0, ymm2, 9
{vex3} vpsrld ymm7, ymm15, 9
{vex3} vpsrld ymm15, ymm8, 9
{vex3} vpsrld ymm8, ymm7, 9
{vex3} vpsrld ymm3, ymm5, 9
{vex3} vpsrad ymm0, ymm2, 9
{vex3} vpsrad ymm7, ymm15, 9
{vex3} vpsrad ymm15, ymm8, 9
{vex3} vpsrad ymm8, ymm7, 9
{vex3} vpsrad ymm3, ymm5, 9
{vex3} vpslld ymm0, ymm2, 9
{vex3} vpslld ymm7, ymm15, 9
{vex3} vpslld ymm15, ymm8, 9
{vex3} vpslld ymm8, ymm7, 9
{vex3} vpslld ymm3, ymm5, 9
{vex3} vcmpps ymm0, ymm1, ymm2, 9
{vex3} vcmpps ymm7, ymm8, ymm15, 9
{vex3} vcmpps ymm15, ymm7, ymm8, 9
{vex3} vcmpps ymm8, ymm15, ymm7, 9
{vex3} vcmpps ymm3, ymm12, ymm5, 9
{vex3} vcmpps ymm0, ymm1, [rdi], 9
{vex3} vcmpps ymm7, ymm8, [rax+rcx*1], 9
{vex3} vcmpps ymm15, ymm7, [rdi+8], 9
{vex3} vcmpps ymm8, ymm15, [rdi+64], 9
{vex3} vcmpps ymm3, ymm12, [rdi-128], 9
{vex3} vcmpps ymm0, ymm1, [rdi+127], 9
{vex3} vcmpps ymm7, ymm8, [rdi+128], 9
{vex3} vcmpps ymm15, ymm7, [rdi+8128], 9
{vex3} vcmpps ymm8, ymm15, [rdi+8192], 9
{vex3} vcmpps ymm3, ymm12, [rdi-8192], 9
{vex3} vcmpps ymm0, ymm1, [rdi-8200], 9
{vex3} vcmpps ymm7, ymm8, [r8+4], 9
{vex3} vcmpps ymm15, ymm7, [r12], 9
{vex3} vcmpps ymm8, ymm15, [r13], 9
{vex3} vcmpps ymm3, ymm12, [rbp], 9
{vex3} vcmpps ymm0, ymm1, [r15+r14*8+512], 9
{vex3} vcmpps ymm7, ymm8, [r12+r9*2+100], 9
{vex3} vcmpps ymm15, ymm7, [rdi+rdx*4+32], 9
{vex3} vcmpps ymm8, ymm15, [rdi+rdx*8+1000], 9
{vex3} vcmpps ymm3, ymm12, [r13+r8*4], 9
{vex3} vblendvps ymm0, ymm1, ymm2, ymm15
{vex3} vblendvps ymm7, ymm8, ymm15, ymm15
{vex3} vblendvps ymm15, ymm7, ymm8, ymm15
{vex3} vblendvps ymm8, ymm15, ymm7, ymm15
{vex3} vblendvps ymm3, ymm12, ymm5, ymm15
{vex3} vblendvps ymm0, ymm1, [rdi], ymm15
{vex3} vblendvps ymm7, ymm8, [rax+rcx*1], ymm15
{vex3} vblendvps ymm15, ymm7, [rdi+8], ymm15
{vex3} vblendvps ymm8, ymm15, [rdi+64], ymm15
{vex3} vblendvps ymm3, ymm12, [rdi-128], ymm15
{vex3} vblendvps ymm0, ymm1, [rdi+127], ymm15
{vex3} vblendvps ymm7, ymm8, [rdi+128], ymm15
{vex3} vblendvps ymm15, ymm7, [rdi+8128], ymm15
{vex3} vblendvps ymm8, ymm15, [rdi+8192], ymm15
{vex3} vblendvps ymm3, ymm12, [rdi-8192], ymm15
{vex3} vblendvps ymm0, ymm1, [rdi-8200], ymm15
{vex3} vblendvps ymm7, ymm8, [r8+4], ymm15
{vex3} vblendvps ymm15, ymm7, [r12], ymm15
{vex3} vblendvps ymm8, ymm15, [r13], ymm15
{vex3} vblendvps ymm3, ymm12, [rbp], ymm15
{vex3} vblendvps ymm0, ymm1, [r15+r14*8+512], ymm15
{vex3} vblendvps ymm7, ymm8, [r12+r9*2+100], ymm15
{vex3} vblendvps ymm15, ymm7, [rdi+rdx*4+32], ymm15
{vex3} vblendvps ymm8, ymm15, [rdi+rdx*8+1000], ymm15
{vex3} vblendvps ymm3, ymm12, [r13+r8*4], ymm15
{vex3} vmaskmovps ymm0, ymm1, [rdi]
{vex3} vmaskmovps ymm7, ymm8, [rax+rcx*1]
{vex3} vmaskmovps ymm15, ymm7, [rdi+8]
{vex3} vmaskmovps ymm8, ymm15, [rdi+64]
{vex3} vmaskmovps ymm3, ymm12, [rdi-128]
{vex3} vmaskmovps ymm0, ymm1, [rdi+127]
{vex3} vmaskmovps ymm7, ymm8, [rdi+128]
{vex3} vmaskmovps ymm15, ymm7, [rdi+8128]
{vex3} vmaskmovps ymm8, ymm15, [rdi+8192]
{vex3} vmaskmovps ymm3, ymm12, [rdi-8192]
{vex3} vmaskmovps ymm0, ymm1, [rdi-8200]
{vex3} vmaskmovps ymm7, ymm8, [r8+4]
{vex3} vmaskmovps ymm15, ymm7, [r12]
{vex3} vmaskmovps ymm8, ymm15, [r13]
{vex3} vmaskmovps ymm3, ymm12, [rbp]
{vex3} vmaskmovps ymm0, ymm1, [r15+r14*8+512]
{vex3} vmaskmovps ymm7, ymm8, [r12+r9*2+100]
{vex3} vmaskmovps ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vmaskmovps ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vmaskmovps ymm3, ymm12, [r13+r8*4]
{vex3} vmaskmovps [rdi], ymm1, ymm0
{vex3} vmaskmovps [rax+rcx*1], ymm8, ymm7
{vex3} vmaskmovps [rdi+8], ymm7, ymm15
{vex3} vmaskmovps [rdi+64], ymm15, ymm8
{vex3} vmaskmovps [rdi-128], ymm12, ymm3
{vex3} vmaskmovps [rdi+127], ymm1, ymm0
{vex3} vmaskmovps [rdi+128], ymm8, ymm7
{vex3} vmaskmovps [rdi+8128], ymm7, ymm15
{vex3} vmaskmovps [rdi+8192], ymm15, ymm8
{vex3} vmaskmovps [rdi-8192], ymm12, ymm3
{vex3} vmaskmovps [rdi-8200], ymm1, ymm0
{vex3} vmaskmovps [r8+4], ymm8, ymm7
{vex3} vmaskmovps [r12], ymm7, ymm15
{vex3} vmaskmovps [r13], ymm15, ymm8
{vex3} vmaskmovps [rbp], ymm12, ymm3
{vex3} vmaskmovps [r15+r14*8+512], ymm1, ymm0
{vex3} vmaskmovps [r12+r9*2+100], ymm8, ymm7
{vex3} vmaskmovps [rdi+rdx*4+32], ymm7, ymm15
{vex3} vmaskmovps [rdi+rdx*8+1000], ymm15, ymm8
{vex3} vmaskmovps [r13+r8*4], ymm12, ymm3
{vex3} vaddpd ymm0, ymm1, ymm2
{vex3} vaddpd ymm7, ymm8, ymm15
{vex3} vaddpd ymm15, ymm7, ymm8
{vex3} vaddpd ymm8, ymm15, ymm7
{vex3} vaddpd ymm3, ymm12, ymm5
{vex3} vaddpd ymm0, ymm1, [rdi]
{vex3} vaddpd ymm7, ymm8, [rax+rcx*1]
{vex3} vaddpd ymm15, ymm7, [rdi+8]
{vex3} vaddpd ymm8, ymm15, [rdi+64]
{vex3} vaddpd ymm3, ymm12, [rdi-128]
{vex3} vaddpd ymm0, ymm1, [rdi+127]
{vex3} vaddpd ymm7, ymm8, [rdi+128]
{vex3} vaddpd ymm15, ymm7, [rdi+8128]
{vex3} vaddpd ymm8, ymm15, [rdi+8192]
{vex3} vaddpd ymm3, ymm12, [rdi-8192]
{vex3} vaddpd ymm0, ymm1, [rdi-8200]
{vex3} vaddpd ymm7, ymm8, [r8+4]
{vex3} vaddpd ymm15, ymm7, [r12]
{vex3} vaddpd ymm8, ymm15, [r13]
{vex3} vaddpd ymm3, ymm12, [rbp]
{vex3} vaddpd ymm0, ymm1, [r15+r14*8+512]
{vex3} vaddpd ymm7, ymm8, [r12+r9*2+100]
{vex3} vaddpd ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vaddpd ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vaddpd ymm3, ymm12, [r13+r8*4]
{vex3} vmulpd ymm0, ymm1, ymm2
{vex3} vmulpd ymm7, ymm8, ymm15
{vex3} vmulpd ymm15, ymm7, ymm8
{vex3} vmulpd ymm8, ymm15, ymm7
{vex3} vmulpd ymm3, ymm12, ymm5
{vex3} vmulpd ymm0, ymm1, [rdi]
{vex3} vmulpd ymm7, ymm8, [rax+rcx*1]
{vex3} vmulpd ymm15, ymm7, [rdi+8]
{vex3} vmulpd ymm8, ymm15, [rdi+64]
{vex3} vmulpd ymm3, ymm12, [rdi-128]
{vex3} vmulpd ymm0, ymm1, [rdi+127]
{vex3} vmulpd ymm7, ymm8, [rdi+128]
{vex3} vmulpd ymm15, ymm7, [rdi+8128]
{vex3} vmulpd ymm8, ymm15, [rdi+8192]
{vex3} vmulpd ymm3, ymm12, [rdi-8192]
{vex3} vmulpd ymm0, ymm1, [rdi-8200]
{vex3} vmulpd ymm7, ymm8, [r8+4]
{vex3} vmulpd ymm15, ymm7, [r12]
{vex3} vmulpd ymm8, ymm15, [r13]
{vex3} vmulpd ymm3, ymm12, [rbp]
{vex3} vmulpd ymm0, ymm1, [r15+r14*8+512]
{vex3} vmulpd ymm7, ymm8, [r12+r9*2+100]
{vex3} vmulpd ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vmulpd ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vmulpd ymm3, ymm12, [r13+r8*4]
{vex3} vsubpd ymm0, ymm1, ymm2
{vex3} vsubpd ymm7, ymm8, ymm15
{vex3} vsubpd ymm15, ymm7, ymm8
{vex3} vsubpd ymm8, ymm15, ymm7
{vex3} vsubpd ymm3, ymm12, ymm5
{vex3} vsubpd ymm0, ymm1, [rdi]
{vex3} vsubpd ymm7, ymm8, [rax+rcx*1]
{vex3} vsubpd ymm15, ymm7, [rdi+8]
{vex3} vsubpd ymm8, ymm15, [rdi+64]
{vex3} vsubpd ymm3, ymm12, [rdi-128]
{vex3} vsubpd ymm0, ymm1, [rdi+127]
{vex3} vsubpd ymm7, ymm8, [rdi+128]
{vex3} vsubpd ymm15, ymm7, [rdi+8128]
{vex3} vsubpd ymm8, ymm15, [rdi+8192]
{vex3} vsubpd ymm3, ymm12, [rdi-8192]
{vex3} vsubpd ymm0, ymm1, [rdi-8200]
{vex3} vsubpd ymm7, ymm8, [r8+4]
{vex3} vsubpd ymm15, ymm7, [r12]
{vex3} vsubpd ymm8, ymm15, [r13]
{vex3} vsubpd ymm3, ymm12, [rbp]
{vex3} vsubpd ymm0, ymm1, [r15+r14*8+512]
{vex3} vsubpd ymm7, ymm8, [r12+r9*2+100]
{vex3} vsubpd ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vsubpd ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vsubpd ymm3, ymm12, [r13+r8*4]
{vex3} vminpd ymm0, ymm1, ymm2
{vex3} vminpd ymm7, ymm8, ymm15
{vex3} vminpd ymm15, ymm7, ymm8
{vex3} vminpd ymm8, ymm15, ymm7
{vex3} vminpd ymm3, ymm12, ymm5
{vex3} vminpd ymm0, ymm1, [rdi]
{vex3} vminpd ymm7, ymm8, [rax+rcx*1]
{vex3} vminpd ymm15, ymm7, [rdi+8]
{vex3} vminpd ymm8, ymm15, [rdi+64]
{vex3} vminpd ymm3, ymm12, [rdi-128]
{vex3} vminpd ymm0, ymm1, [rdi+127]
{vex3} vminpd ymm7, ymm8, [rdi+128]
{vex3} vminpd ymm15, ymm7, [rdi+8128]
{vex3} vminpd ymm8, ymm15, [rdi+8192]
{vex3} vminpd ymm3, ymm12, [rdi-8192]
{vex3} vminpd ymm0, ymm1, [rdi-8200]
{vex3} vminpd ymm7, ymm8, [r8+4]
{vex3} vminpd ymm15, ymm7, [r12]
{vex3} vminpd ymm8, ymm15, [r13]
{vex3} vminpd ymm3, ymm12, [rbp]
{vex3} vminpd ymm0, ymm1, [r15+r14*8+512]
{vex3} vminpd ymm7, ymm8, [r12+r9*2+100]
{vex3} vminpd ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vminpd ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vminpd ymm3, ymm12, [r13+r8*4]
{vex3} vdivpd ymm0, ymm1, ymm2
{vex3} vdivpd ymm7, ymm8, ymm15
{vex3} vdivpd ymm15, ymm7, ymm8
{vex3} vdivpd ymm8, ymm15, ymm7
{vex3} vdivpd ymm3, ymm12, ymm5
{vex3} vdivpd ymm0, ymm1, [rdi]
{vex3} vdivpd ymm7, ymm8, [rax+rcx*1]
{vex3} vdivpd ymm15, ymm7, [rdi+8]
{vex3} vdivpd ymm8, ymm15, [rdi+64]
{vex3} vdivpd ymm3, ymm12, [rdi-128]
{vex3} vdivpd ymm0, ymm1, [rdi+127]
{vex3} vdivpd ymm7, ymm8, [rdi+128]
{vex3} vdivpd ymm15, ymm7, [rdi+8128]
{vex3} vdivpd ymm8, ymm15, [rdi+8192]
{vex3} vdivpd ymm3, ymm12, [rdi-8192]
{vex3} vdivpd ymm0, ymm1, [rdi-8200]
{vex3} vdivpd ymm7, ymm8, [r8+4]
{vex3} vdivpd ymm15, ymm7, [r12]
{vex3} vdivpd ymm8, ymm15, [r13]
{vex3} vdivpd ymm3, ymm12, [rbp]
{vex3} vdivpd ymm0, ymm1, [r15+r14*8+512]
{vex3} vdivpd ymm7, ymm8, [r12+r9*2+100]
{vex3} vdivpd ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vdivpd ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vdivpd ymm3, ymm12, [r13+r8*4]
{vex3} vmaxpd ymm0, ymm1, ymm2
{vex3} vmaxpd ymm7, ymm8, ymm15
{vex3} vmaxpd ymm15, ymm7, ymm8
{vex3} vmaxpd ymm8, ymm15, ymm7
{vex3} vmaxpd ymm3, ymm12, ymm5
{vex3} vmaxpd ymm0, ymm1, [rdi]
{vex3} vmaxpd ymm7, ymm8, [rax+rcx*1]
{vex3} vmaxpd ymm15, ymm7, [rdi+8]
{vex3} vmaxpd ymm8, ymm15, [rdi+64]
{vex3} vmaxpd ymm3, ymm12, [rdi-128]
{vex3} vmaxpd ymm0, ymm1, [rdi+127]
{vex3} vmaxpd ymm7, ymm8, [rdi+128]
{vex3} vmaxpd ymm15, ymm7, [rdi+8128]
{vex3} vmaxpd ymm8, ymm15, [rdi+8192]
{vex3} vmaxpd ymm3, ymm12, [rdi-8192]
{vex3} vmaxpd ymm0, ymm1, [rdi-8200]
{vex3} vmaxpd ymm7, ymm8, [r8+4]
{vex3} vmaxpd ymm15, ymm7, [r12]
{vex3} vmaxpd ymm8, ymm15, [r13]
{vex3} vmaxpd ymm3, ymm12, [rbp]
{vex3} vmaxpd ymm0, ymm1, [r15+r14*8+512]
{vex3} vmaxpd ymm7, ymm8, [r12+r9*2+100]
{vex3} vmaxpd ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vmaxpd ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vmaxpd ymm3, ymm12, [r13+r8*4]
{vex3} vandpd ymm0, ymm1, ymm2
{vex3} vandpd ymm7, ymm8, ymm15
{vex3} vandpd ymm15, ymm7, ymm8
{vex3} vandpd ymm8, ymm15, ymm7
{vex3} vandpd ymm3, ymm12, ymm5
{vex3} vandpd ymm0, ymm1, [rdi]
{vex3} vandpd ymm7, ymm8, [rax+rcx*1]
{vex3} vandpd ymm15, ymm7, [rdi+8]
{vex3} vandpd ymm8, ymm15, [rdi+64]
{vex3} vandpd ymm3, ymm12, [rdi-128]
{vex3} vandpd ymm0, ymm1, [rdi+127]
{vex3} vandpd ymm7, ymm8, [rdi+128]
{vex3} vandpd ymm15, ymm7, [rdi+8128]
{vex3} vandpd ymm8, ymm15, [rdi+8192]
{vex3} vandpd ymm3, ymm12, [rdi-8192]
{vex3} vandpd ymm0, ymm1, [rdi-8200]
{vex3} vandpd ymm7, ymm8, [r8+4]
{vex3} vandpd ymm15, ymm7, [r12]
{vex3} vandpd ymm8, ymm15, [r13]
{vex3} vandpd ymm3, ymm12, [rbp]
{vex3} vandpd ymm0, ymm1, [r15+r14*8+512]
{vex3} vandpd ymm7, ymm8, [r12+r9*2+100]
{vex3} vandpd ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vandpd ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vandpd ymm3, ymm12, [r13+r8*4]
{vex3} vorpd ymm0, ymm1, ymm2
{vex3} vorpd ymm7, ymm8, ymm15
{vex3} vorpd ymm15, ymm7, ymm8
{vex3} vorpd ymm8, ymm15, ymm7
{vex3} vorpd ymm3, ymm12, ymm5
{vex3} vorpd ymm0, ymm1, [rdi]
{vex3} vorpd ymm7, ymm8, [rax+rcx*1]
{vex3} vorpd ymm15, ymm7, [rdi+8]
{vex3} vorpd ymm8, ymm15, [rdi+64]
{vex3} vorpd ymm3, ymm12, [rdi-128]
{vex3} vorpd ymm0, ymm1, [rdi+127]
{vex3} vorpd ymm7, ymm8, [rdi+128]
{vex3} vorpd ymm15, ymm7, [rdi+8128]
{vex3} vorpd ymm8, ymm15, [rdi+8192]
{vex3} vorpd ymm3, ymm12, [rdi-8192]
{vex3} vorpd ymm0, ymm1, [rdi-8200]
{vex3} vorpd ymm7, ymm8, [r8+4]
{vex3} vorpd ymm15, ymm7, [r12]
{vex3} vorpd ymm8, ymm15, [r13]
{vex3} vorpd ymm3, ymm12, [rbp]
{vex3} vorpd ymm0, ymm1, [r15+r14*8+512]
{vex3} vorpd ymm7, ymm8, [r12+r9*2+100]
{vex3} vorpd ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vorpd ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vorpd ymm3, ymm12, [r13+r8*4]
{vex3} vxorpd ymm0, ymm1, ymm2
{vex3} vxorpd ymm7, ymm8, ymm15
{vex3} vxorpd ymm15, ymm7, ymm8
{vex3} vxorpd ymm8, ymm15, ymm7
{vex3} vxorpd ymm3, ymm12, ymm5
{vex3} vxorpd ymm0, ymm1, [rdi]
{vex3} vxorpd ymm7, ymm8, [rax+rcx*1]
{vex3} vxorpd ymm15, ymm7, [rdi+8]
{vex3} vxorpd ymm8, ymm15, [rdi+64]
{vex3} vxorpd ymm3, ymm12, [rdi-128]
{vex3} vxorpd ymm0, ymm1, [rdi+127]
{vex3} vxorpd ymm7, ymm8, [rdi+128]
{vex3} vxorpd ymm15, ymm7, [rdi+8128]
{vex3} vxorpd ymm8, ymm15, [rdi+8192]
{vex3} vxorpd ymm3, ymm12, [rdi-8192]
{vex3} vxorpd ymm0, ymm1, [rdi-8200]
{vex3} vxorpd ymm7, ymm8, [r8+4]
{vex3} vxorpd ymm15, ymm7, [r12]
{vex3} vxorpd ymm8, ymm15, [r13]
{vex3} vxorpd ymm3, ymm12, [rbp]
{vex3} vxorpd ymm0, ymm1, [r15+r14*8+512]
{vex3} vxorpd ymm7, ymm8, [r12+r9*2+100]
{vex3} vxorpd ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vxorpd ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vxorpd ymm3, ymm12, [r13+r8*4]
{vex3} vsqrtpd ymm0, ymm2
{vex3} vsqrtpd ymm7, ymm15
{vex3} vsqrtpd ymm15, ymm8
{vex3} vsqrtpd ymm8, ymm7
{vex3} vsqrtpd ymm3, ymm5
{vex3} vsqrtpd ymm0, [rdi]
{vex3} vsqrtpd ymm7, [rax+rcx*1]
{vex3} vsqrtpd ymm15, [rdi+8]
{vex3} vsqrtpd ymm8, [rdi+64]
{vex3} vsqrtpd ymm3, [rdi-128]
{vex3} vsqrtpd ymm0, [rdi+127]
{vex3} vsqrtpd ymm7, [rdi+128]
{vex3} vsqrtpd ymm15, [rdi+8128]
{vex3} vsqrtpd ymm8, [rdi+8192]
{vex3} vsqrtpd ymm3, [rdi-8192]
{vex3} vsqrtpd ymm0, [rdi-8200]
{vex3} vsqrtpd ymm7, [r8+4]
{vex3} vsqrtpd ymm15, [r12]
{vex3} vsqrtpd ymm8, [r13]
{vex3} vsqrtpd ymm3, [rbp]
{vex3} vsqrtpd ymm0, [r15+r14*8+512]
{vex3} vsqrtpd ymm7, [r12+r9*2+100]
{vex3} vsqrtpd ymm15, [rdi+rdx*4+32]
{vex3} vsqrtpd ymm8, [rdi+rdx*8+1000]
{vex3} vsqrtpd ymm3, [r13+r8*4]
{vex3} vmovapd ymm0, ymm2
{vex3} vmovapd ymm7, ymm15
{vex3} vmovapd ymm15, ymm8
{vex3} vmovapd ymm8, ymm7
{vex3} vmovapd ymm3, ymm5
{vex3} vmovapd ymm0, [rdi]
{vex3} vmovapd ymm7, [rax+rcx*1]
{vex3} vmovapd ymm15, [rdi+8]
{vex3} vmovapd ymm8, [rdi+64]
{vex3} vmovapd ymm3, [rdi-128]
{vex3} vmovapd ymm0, [rdi+127]
{vex3} vmovapd ymm7, [rdi+128]
{vex3} vmovapd ymm15, [rdi+8128]
{vex3} vmovapd ymm8, [rdi+8192]
{vex3} vmovapd ymm3, [rdi-8192]
{vex3} vmovapd ymm0, [rdi-8200]
{vex3} vmovapd ymm7, [r8+4]
{vex3} vmovapd ymm15, [r12]
{vex3} vmovapd ymm8, [r13]
{vex3} vmovapd ymm3, [rbp]
{vex3} vmovapd ymm0, [r15+r14*8+512]
{vex3} vmovapd ymm7, [r12+r9*2+100]
{vex3} vmovapd ymm15, [rdi+rdx*4+32]
{vex3} vmovapd ymm8, [rdi+rdx*8+1000]
{vex3} vmovapd ymm3, [r13+r8*4]
{vex3} vmovupd ymm0, [rdi]
{vex3} vmovupd ymm7, [rax+rcx*1]
{vex3} vmovupd ymm15, [rdi+8]
{vex3} vmovupd ymm8, [rdi+64]
{vex3} vmovupd ymm3, [rdi-128]
{vex3} vmovupd ymm0, [rdi+127]
{vex3} vmovupd ymm7, [rdi+128]
{vex3} vmovupd ymm15, [rdi+8128]
{vex3} vmovupd ymm8, [rdi+8192]
{vex3} vmovupd ymm3, [rdi-8192]
{vex3} vmovupd ymm0, [rdi-8200]
{vex3} vmovupd ymm7, [r8+4]
{vex3} vmovupd ymm15, [r12]
{vex3} vmovupd ymm8, [r13]
{vex3} vmovupd ymm3, [rbp]
{vex3} vmovupd ymm0, [r15+r14*8+512]
{vex3} vmovupd ymm7, [r12+r9*2+100]
{vex3} vmovupd ymm15, [rdi+rdx*4+32]
{vex3} vmovupd ymm8, [rdi+rdx*8+1000]
{vex3} vmovupd ymm3, [r13+r8*4]
{vex3} vmovupd [rdi], ymm0
{vex3} vmovupd [rax+rcx*1], ymm7
{vex3} vmovupd [rdi+8], ymm15
{vex3} vmovupd [rdi+64], ymm8
{vex3} vmovupd [rdi-128], ymm3
{vex3} vmovupd [rdi+127], ymm0
{vex3} vmovupd [rdi+128], ymm7
{vex3} vmovupd [rdi+8128], ymm15
{vex3} vmovupd [rdi+8192], ymm8
{vex3} vmovupd [rdi-8192], ymm3
{vex3} vmovupd [rdi-8200], ymm0
{vex3} vmovupd [r8+4], ymm7
{vex3} vmovupd [r12], ymm15
{vex3} vmovupd [r13], ymm8
{vex3} vmovupd [rbp], ymm3
{vex3} vmovupd [r15+r14*8+512], ymm0
{vex3} vmovupd [r12+r9*2+100], ymm7
{vex3} vmovupd [rdi+rdx*4+32], ymm15
{vex3} vmovupd [rdi+rdx*8+1000], ymm8
{vex3} vmovupd [r13+r8*4], ymm3
{vex3} vbroadcastsd ymm0, [rdi]
{vex3} vbroadcastsd ymm7, [rax+rcx*1]
{vex3} vbroadcastsd ymm15, [rdi+8]
{vex3} vbroadcastsd ymm8, [rdi+64]
{vex3} vbroadcastsd ymm3, [rdi-128]
{vex3} vbroadcastsd ymm0, [rdi+127]
{vex3} vbroadcastsd ymm7, [rdi+128]
{vex3} vbroadcastsd ymm15, [rdi+8128]
{vex3} vbroadcastsd ymm8, [rdi+8192]
{vex3} vbroadcastsd ymm3, [rdi-8192]
{vex3} vbroadcastsd ymm0, [rdi-8200]
{vex3} vbroadcastsd ymm7, [r8+4]
{vex3} vbroadcastsd ymm15, [r12]
{vex3} vbroadcastsd ymm8, [r13]
{vex3} vbroadcastsd ymm3, [rbp]
{vex3} vbroadcastsd ymm0, [r15+r14*8+512]
{vex3} vbroadcastsd ymm7, [r12+r9*2+100]
{vex3} vbroadcastsd ymm15, [rdi+rdx*4+32]
{vex3} vbroadcastsd ymm8, [rdi+rdx*8+1000]
{vex3} vbroadcastsd ymm3, [r13+r8*4]
{vex3} vfmadd213pd ymm0, ymm1, ymm2
{vex3} vfmadd213pd ymm7, ymm8, ymm15
{vex3} vfmadd213pd ymm15, ymm7, ymm8
{vex3} vfmadd213pd ymm8, ymm15, ymm7
{vex3} vfmadd213pd ymm3, ymm12, ymm5
{vex3} vfmadd213pd ymm0, ymm1, [rdi]
{vex3} vfmadd213pd ymm7, ymm8, [rax+rcx*1]
{vex3} vfmadd213pd ymm15, ymm7, [rdi+8]
{vex3} vfmadd213pd ymm8, ymm15, [rdi+64]
{vex3} vfmadd213pd ymm3, ymm12, [rdi-128]
{vex3} vfmadd213pd ymm0, ymm1, [rdi+127]
{vex3} vfmadd213pd ymm7, ymm8, [rdi+128]
{vex3} vfmadd213pd ymm15, ymm7, [rdi+8128]
{vex3} vfmadd213pd ymm8, ymm15, [rdi+8192]
{vex3} vfmadd213pd ymm3, ymm12, [rdi-8192]
{vex3} vfmadd213pd ymm0, ymm1, [rdi-8200]
{vex3} vfmadd213pd ymm7, ymm8, [r8+4]
{vex3} vfmadd213pd ymm15, ymm7, [r12]
{vex3} vfmadd213pd ymm8, ymm15, [r13]
{vex3} vfmadd213pd ymm3, ymm12, [rbp]
{vex3} vfmadd213pd ymm0, ymm1, [r15+r14*8+512]
{vex3} vfmadd213pd ymm7, ymm8, [r12+r9*2+100]
{vex3} vfmadd213pd ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vfmadd213pd ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vfmadd213pd ymm3, ymm12, [r13+r8*4]
{vex3} vfmadd231pd ymm0, ymm1, ymm2
{vex3} vfmadd231pd ymm7, ymm8, ymm15
{vex3} vfmadd231pd ymm15, ymm7, ymm8
{vex3} vfmadd231pd ymm8, ymm15, ymm7
{vex3} vfmadd231pd ymm3, ymm12, ymm5
{vex3} vfmadd231pd ymm0, ymm1, [rdi]
{vex3} vfmadd231pd ymm7, ymm8, [rax+rcx*1]
{vex3} vfmadd231pd ymm15, ymm7, [rdi+8]
{vex3} vfmadd231pd ymm8, ymm15, [rdi+64]
{vex3} vfmadd231pd ymm3, ymm12, [rdi-128]
{vex3} vfmadd231pd ymm0, ymm1, [rdi+127]
{vex3} vfmadd231pd ymm7, ymm8, [rdi+128]
{vex3} vfmadd231pd ymm15, ymm7, [rdi+8128]
{vex3} vfmadd231pd ymm8, ymm15, [rdi+8192]
{vex3} vfmadd231pd ymm3, ymm12, [rdi-8192]
{vex3} vfmadd231pd ymm0, ymm1, [rdi-8200]
{vex3} vfmadd231pd ymm7, ymm8, [r8+4]
{vex3} vfmadd231pd ymm15, ymm7, [r12]
{vex3} vfmadd231pd ymm8, ymm15, [r13]
{vex3} vfmadd231pd ymm3, ymm12, [rbp]
{vex3} vfmadd231pd ymm0, ymm1, [r15+r14*8+512]
{vex3} vfmadd231pd ymm7, ymm8, [r12+r9*2+100]
{vex3} vfmadd231pd ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vfmadd231pd ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vfmadd231pd ymm3, ymm12, [r13+r8*4]
{vex3} vfmsub231pd ymm0, ymm1, ymm2
{vex3} vfmsub231pd ymm7, ymm8, ymm15
{vex3} vfmsub231pd ymm15, ymm7, ymm8
{vex3} vfmsub231pd ymm8, ymm15, ymm7
{vex3} vfmsub231pd ymm3, ymm12, ymm5
{vex3} vfmsub231pd ymm0, ymm1, [rdi]
{vex3} vfmsub231pd ymm7, ymm8, [rax+rcx*1]
{vex3} vfmsub231pd ymm15, ymm7, [rdi+8]
{vex3} vfmsub231pd ymm8, ymm15, [rdi+64]
{vex3} vfmsub231pd ymm3, ymm12, [rdi-128]
{vex3} vfmsub231pd ymm0, ymm1, [rdi+127]
{vex3} vfmsub231pd ymm7, ymm8, [rdi+128]
{vex3} vfmsub231pd ymm15, ymm7, [rdi+8128]
{vex3} vfmsub231pd ymm8, ymm15, [rdi+8192]
{vex3} vfmsub231pd ymm3, ymm12, [rdi-8192]
{vex3} vfmsub231pd ymm0, ymm1, [rdi-8200]
{vex3} vfmsub231pd ymm7, ymm8, [r8+4]
{vex3} vfmsub231pd ymm15, ymm7, [r12]
{vex3} vfmsub231pd ymm8, ymm15, [r13]
{vex3} vfmsub231pd ymm3, ymm12, [rbp]
{vex3} vfmsub231pd ymm0, ymm1, [r15+r14*8+512]
{vex3} vfmsub231pd ymm7, ymm8, [r12+r9*2+100]
{vex3} vfmsub231pd ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vfmsub231pd ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vfmsub231pd ymm3, ymm12, [r13+r8*4]
{vex3} vfnmadd231pd ymm0, ymm1, ymm2
{vex3} vfnmadd231pd ymm7, ymm8, ymm15
{vex3} vfnmadd231pd ymm15, ymm7, ymm8
{vex3} vfnmadd231pd ymm8, ymm15, ymm7
{vex3} vfnmadd231pd ymm3, ymm12, ymm5
{vex3} vfnmadd231pd ymm0, ymm1, [rdi]
{vex3} vfnmadd231pd ymm7, ymm8, [rax+rcx*1]
{vex3} vfnmadd231pd ymm15, ymm7, [rdi+8]
{vex3} vfnmadd231pd ymm8, ymm15, [rdi+64]
{vex3} vfnmadd231pd ymm3, ymm12, [rdi-128]
{vex3} vfnmadd231pd ymm0, ymm1, [rdi+127]
{vex3} vfnmadd231pd ymm7, ymm8, [rdi+128]
{vex3} vfnmadd231pd ymm15, ymm7, [rdi+8128]
{vex3} vfnmadd231pd ymm8, ymm15, [rdi+8192]
{vex3} vfnmadd231pd ymm3, ymm12, [rdi-8192]
{vex3} vfnmadd231pd ymm0, ymm1, [rdi-8200]
{vex3} vfnmadd231pd ymm7, ymm8, [r8+4]
{vex3} vfnmadd231pd ymm15, ymm7, [r12]
{vex3} vfnmadd231pd ymm8, ymm15, [r13]
{vex3} vfnmadd231pd ymm3, ymm12, [rbp]
{vex3} vfnmadd231pd ymm0, ymm1, [r15+r14*8+512]
{vex3} vfnmadd231pd ymm7, ymm8, [r12+r9*2+100]
{vex3} vfnmadd231pd ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vfnmadd231pd ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vfnmadd231pd ymm3, ymm12, [r13+r8*4]
{vex3} vfnmsub231pd ymm0, ymm1, ymm2
{vex3} vfnmsub231pd ymm7, ymm8, ymm15
{vex3} vfnmsub231pd ymm15, ymm7, ymm8
{vex3} vfnmsub231pd ymm8, ymm15, ymm7
{vex3} vfnmsub231pd ymm3, ymm12, ymm5
{vex3} vfnmsub231pd ymm0, ymm1, [rdi]
{vex3} vfnmsub231pd ymm7, ymm8, [rax+rcx*1]
{vex3} vfnmsub231pd ymm15, ymm7, [rdi+8]
{vex3} vfnmsub231pd ymm8, ymm15, [rdi+64]
{vex3} vfnmsub231pd ymm3, ymm12, [rdi-128]
{vex3} vfnmsub231pd ymm0, ymm1, [rdi+127]
{vex3} vfnmsub231pd ymm7, ymm8, [rdi+128]
{vex3} vfnmsub231pd ymm15, ymm7, [rdi+8128]
{vex3} vfnmsub231pd ymm8, ymm15, [rdi+8192]
{vex3} vfnmsub231pd ymm3, ymm12, [rdi-8192]
{vex3} vfnmsub231pd ymm0, ymm1, [rdi-8200]
{vex3} vfnmsub231pd ymm7, ymm8, [r8+4]
{vex3} vfnmsub231pd ymm15, ymm7, [r12]
{vex3} vfnmsub231pd ymm8, ymm15, [r13]
{vex3} vfnmsub231pd ymm3, ymm12, [rbp]
{vex3} vfnmsub231pd ymm0, ymm1, [r15+r14*8+512]
{vex3} vfnmsub231pd ymm7, ymm8, [r12+r9*2+100]
{vex3} vfnmsub231pd ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vfnmsub231pd ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vfnmsub231pd ymm3, ymm12, [r13+r8*4]
{vex3} vroundpd ymm0, ymm2, 9
{vex3} vroundpd ymm7, ymm15, 9
{vex3} vroundpd ymm15, ymm8, 9
{vex3} vroundpd ymm8, ymm7, 9
{vex3} vroundpd ymm3, ymm5, 9
{vex3} vroundpd ymm0, [rdi], 9
{vex3} vroundpd ymm7, [rax+rcx*1], 9
{vex3} vroundpd ymm15, [rdi+8], 9
{vex3} vroundpd ymm8, [rdi+64], 9
{vex3} vroundpd ymm3, [rdi-128], 9
{vex3} vroundpd ymm0, [rdi+127], 9
{vex3} vroundpd ymm7, [rdi+128], 9
{vex3} vroundpd ymm15, [rdi+8128], 9
{vex3} vroundpd ymm8, [rdi+8192], 9
{vex3} vroundpd ymm3, [rdi-8192], 9
{vex3} vroundpd ymm0, [rdi-8200], 9
{vex3} vroundpd ymm7, [r8+4], 9
{vex3} vroundpd ymm15, [r12], 9
{vex3} vroundpd ymm8, [r13], 9
{vex3} vroundpd ymm3, [rbp], 9
{vex3} vroundpd ymm0, [r15+r14*8+512], 9
{vex3} vroundpd ymm7, [r12+r9*2+100], 9
{vex3} vroundpd ymm15, [rdi+rdx*4+32], 9
{vex3} vroundpd ymm8, [rdi+rdx*8+1000], 9
{vex3} vroundpd ymm3, [r13+r8*4], 9
{vex3} vpaddq ymm0, ymm1, ymm2
{vex3} vpaddq ymm7, ymm8, ymm15
{vex3} vpaddq ymm15, ymm7, ymm8
{vex3} vpaddq ymm8, ymm15, ymm7
{vex3} vpaddq ymm3, ymm12, ymm5
{vex3} vpaddq ymm0, ymm1, [rdi]
{vex3} vpaddq ymm7, ymm8, [rax+rcx*1]
{vex3} vpaddq ymm15, ymm7, [rdi+8]
{vex3} vpaddq ymm8, ymm15, [rdi+64]
{vex3} vpaddq ymm3, ymm12, [rdi-128]
{vex3} vpaddq ymm0, ymm1, [rdi+127]
{vex3} vpaddq ymm7, ymm8, [rdi+128]
{vex3} vpaddq ymm15, ymm7, [rdi+8128]
{vex3} vpaddq ymm8, ymm15, [rdi+8192]
{vex3} vpaddq ymm3, ymm12, [rdi-8192]
{vex3} vpaddq ymm0, ymm1, [rdi-8200]
{vex3} vpaddq ymm7, ymm8, [r8+4]
{vex3} vpaddq ymm15, ymm7, [r12]
{vex3} vpaddq ymm8, ymm15, [r13]
{vex3} vpaddq ymm3, ymm12, [rbp]
{vex3} vpaddq ymm0, ymm1, [r15+r14*8+512]
{vex3} vpaddq ymm7, ymm8, [r12+r9*2+100]
{vex3} vpaddq ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vpaddq ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vpaddq ymm3, ymm12, [r13+r8*4]
{vex3} vpsubq ymm0, ymm1, ymm2
{vex3} vpsubq ymm7, ymm8, ymm15
{vex3} vpsubq ymm15, ymm7, ymm8
{vex3} vpsubq ymm8, ymm15, ymm7
{vex3} vpsubq ymm3, ymm12, ymm5
{vex3} vpsubq ymm0, ymm1, [rdi]
{vex3} vpsubq ymm7, ymm8, [rax+rcx*1]
{vex3} vpsubq ymm15, ymm7, [rdi+8]
{vex3} vpsubq ymm8, ymm15, [rdi+64]
{vex3} vpsubq ymm3, ymm12, [rdi-128]
{vex3} vpsubq ymm0, ymm1, [rdi+127]
{vex3} vpsubq ymm7, ymm8, [rdi+128]
{vex3} vpsubq ymm15, ymm7, [rdi+8128]
{vex3} vpsubq ymm8, ymm15, [rdi+8192]
{vex3} vpsubq ymm3, ymm12, [rdi-8192]
{vex3} vpsubq ymm0, ymm1, [rdi-8200]
{vex3} vpsubq ymm7, ymm8, [r8+4]
{vex3} vpsubq ymm15, ymm7, [r12]
{vex3} vpsubq ymm8, ymm15, [r13]
{vex3} vpsubq ymm3, ymm12, [rbp]
{vex3} vpsubq ymm0, ymm1, [r15+r14*8+512]
{vex3} vpsubq ymm7, ymm8, [r12+r9*2+100]
{vex3} vpsubq ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vpsubq ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vpsubq ymm3, ymm12, [r13+r8*4]
{vex3} vpsrlq ymm0, ymm2, 9
{vex3} vpsrlq ymm7, ymm15, 9
{vex3} vpsrlq ymm15, ymm8, 9
{vex3} vpsrlq ymm8, ymm7, 9
{vex3} vpsrlq ymm3, ymm5, 9
{vex3} vpsllq ymm0, ymm2, 9
{vex3} vpsllq ymm7, ymm15, 9
{vex3} vpsllq ymm15, ymm8, 9
{vex3} vpsllq ymm8, ymm7, 9
{vex3} vpsllq ymm3, ymm5, 9
{vex3} vcmppd ymm0, ymm1, ymm2, 9
{vex3} vcmppd ymm7, ymm8, ymm15, 9
{vex3} vcmppd ymm15, ymm7, ymm8, 9
{vex3} vcmppd ymm8, ymm15, ymm7, 9
{vex3} vcmppd ymm3, ymm12, ymm5, 9
{vex3} vcmppd ymm0, ymm1, [rdi], 9
{vex3} vcmppd ymm7, ymm8, [rax+rcx*1], 9
{vex3} vcmppd ymm15, ymm7, [rdi+8], 9
{vex3} vcmppd ymm8, ymm15, [rdi+64], 9
{vex3} vcmppd ymm3, ymm12, [rdi-128], 9
{vex3} vcmppd ymm0, ymm1, [rdi+127], 9
{vex3} vcmppd ymm7, ymm8, [rdi+128], 9
{vex3} vcmppd ymm15, ymm7, [rdi+8128], 9
{vex3} vcmppd ymm8, ymm15, [rdi+8192], 9
{vex3} vcmppd ymm3, ymm12, [rdi-8192], 9
{vex3} vcmppd ymm0, ymm1, [rdi-8200], 9
{vex3} vcmppd ymm7, ymm8, [r8+4], 9
{vex3} vcmppd ymm15, ymm7, [r12], 9
{vex3} vcmppd ymm8, ymm15, [r13], 9
{vex3} vcmppd ymm3, ymm12, [rbp], 9
{vex3} vcmppd ymm0, ymm1, [r15+r14*8+512], 9
{vex3} vcmppd ymm7, ymm8, [r12+r9*2+100], 9
{vex3} vcmppd ymm15, ymm7, [rdi+rdx*4+32], 9
{vex3} vcmppd ymm8, ymm15, [rdi+rdx*8+1000], 9
{vex3} vcmppd ymm3, ymm12, [r13+r8*4], 9
{vex3} vblendvpd ymm0, ymm1, ymm2, ymm15
{vex3} vblendvpd ymm7, ymm8, ymm15, ymm15
{vex3} vblendvpd ymm15, ymm7, ymm8, ymm15
{vex3} vblendvpd ymm8, ymm15, ymm7, ymm15
{vex3} vblendvpd ymm3, ymm12, ymm5, ymm15
{vex3} vblendvpd ymm0, ymm1, [rdi], ymm15
{vex3} vblendvpd ymm7, ymm8, [rax+rcx*1], ymm15
{vex3} vblendvpd ymm15, ymm7, [rdi+8], ymm15
{vex3} vblendvpd ymm8, ymm15, [rdi+64], ymm15
{vex3} vblendvpd ymm3, ymm12, [rdi-128], ymm15
{vex3} vblendvpd ymm0, ymm1, [rdi+127], ymm15
{vex3} vblendvpd ymm7, ymm8, [rdi+128], ymm15
{vex3} vblendvpd ymm15, ymm7, [rdi+8128], ymm15
{vex3} vblendvpd ymm8, ymm15, [rdi+8192], ymm15
{vex3} vblendvpd ymm3, ymm12, [rdi-8192], ymm15
{vex3} vblendvpd ymm0, ymm1, [rdi-8200], ymm15
{vex3} vblendvpd ymm7, ymm8, [r8+4], ymm15
{vex3} vblendvpd ymm15, ymm7, [r12], ymm15
{vex3} vblendvpd ymm8, ymm15, [r13], ymm15
{vex3} vblendvpd ymm3, ymm12, [rbp], ymm15
{vex3} vblendvpd ymm0, ymm1, [r15+r14*8+512], ymm15
{vex3} vblendvpd ymm7, ymm8, [r12+r9*2+100], ymm15
{vex3} vblendvpd ymm15, ymm7, [rdi+rdx*4+32], ymm15
{vex3} vblendvpd ymm8, ymm15, [rdi+rdx*8+1000], ymm15
{vex3} vblendvpd ymm3, ymm12, [r13+r8*4], ymm15
{vex3} vmaskmovpd ymm0, ymm1, [rdi]
{vex3} vmaskmovpd ymm7, ymm8, [rax+rcx*1]
{vex3} vmaskmovpd ymm15, ymm7, [rdi+8]
{vex3} vmaskmovpd ymm8, ymm15, [rdi+64]
{vex3} vmaskmovpd ymm3, ymm12, [rdi-128]
{vex3} vmaskmovpd ymm0, ymm1, [rdi+127]
{vex3} vmaskmovpd ymm7, ymm8, [rdi+128]
{vex3} vmaskmovpd ymm15, ymm7, [rdi+8128]
{vex3} vmaskmovpd ymm8, ymm15, [rdi+8192]
{vex3} vmaskmovpd ymm3, ymm12, [rdi-8192]
{vex3} vmaskmovpd ymm0, ymm1, [rdi-8200]
{vex3} vmaskmovpd ymm7, ymm8, [r8+4]
{vex3} vmaskmovpd ymm15, ymm7, [r12]
{vex3} vmaskmovpd ymm8, ymm15, [r13]
{vex3} vmaskmovpd ymm3, ymm12, [rbp]
{vex3} vmaskmovpd ymm0, ymm1, [r15+r14*8+512]
{vex3} vmaskmovpd ymm7, ymm8, [r12+r9*2+100]
{vex3} vmaskmovpd ymm15, ymm7, [rdi+rdx*4+32]
{vex3} vmaskmovpd ymm8, ymm15, [rdi+rdx*8+1000]
{vex3} vmaskmovpd ymm3, ymm12, [r13+r8*4]
{vex3} vmaskmovpd [rdi], ymm1, ymm0
{vex3} vmaskmovpd [rax+rcx*1], ymm8, ymm7
{vex3} vmaskmovpd [rdi+8], ymm7, ymm15
{vex3} vmaskmovpd [rdi+64], ymm15, ymm8
{vex3} vmaskmovpd [rdi-128], ymm12, ymm3
{vex3} vmaskmovpd [rdi+127], ymm1, ymm0
{vex3} vmaskmovpd [rdi+128], ymm8, ymm7
{vex3} vmaskmovpd [rdi+8128], ymm7, ymm15
{vex3} vmaskmovpd [rdi+8192], ymm15, ymm8
{vex3} vmaskmovpd [rdi-8192], ymm12, ymm3
{vex3} vmaskmovpd [rdi-8200], ymm1, ymm0
{vex3} vmaskmovpd [r8+4], ymm8, ymm7
{vex3} vmaskmovpd [r12], ymm7, ymm15
{vex3} vmaskmovpd [r13], ymm15, ymm8
{vex3} vmaskmovpd [rbp], ymm12, ymm3
{vex3} vmaskmovpd [r15+r14*8+512], ymm1, ymm0
{vex3} vmaskmovpd [r12+r9*2+100], ymm8, ymm7
{vex3} vmaskmovpd [rdi+rdx*4+32], ymm7, ymm15
{vex3} vmaskmovpd [rdi+rdx*8+1000], ymm15, ymm8
{vex3} vmaskmovpd [r13+r8*4], ymm12, ymm3
{evex} vaddps zmm0, zmm1, zmm2
{evex} vaddps zmm7, zmm8, zmm15
{evex} vaddps zmm15, zmm7, zmm8
{evex} vaddps zmm8, zmm15, zmm7
{evex} vaddps zmm3, zmm12, zmm5
{evex} vaddps zmm16, zmm31, zmm24
{evex} vaddps zmm31, zmm8, zmm16
{evex} vaddps zmm8, zmm16, zmm31
{evex} vaddps zmm0, zmm1, [rdi]
{evex} vaddps zmm0, zmm1, dword ptr [rdi]{1to16}
{evex} vaddps zmm7, zmm8, [rax+rcx*1]
{evex} vaddps zmm7, zmm8, dword ptr [rax+rcx*1]{1to16}
{evex} vaddps zmm15, zmm7, [rdi+8]
{evex} vaddps zmm15, zmm7, dword ptr [rdi+8]{1to16}
{evex} vaddps zmm8, zmm15, [rdi+64]
{evex} vaddps zmm8, zmm15, dword ptr [rdi+64]{1to16}
{evex} vaddps zmm3, zmm12, [rdi-128]
{evex} vaddps zmm3, zmm12, dword ptr [rdi-128]{1to16}
{evex} vaddps zmm16, zmm31, [rdi+127]
{evex} vaddps zmm16, zmm31, dword ptr [rdi+127]{1to16}
{evex} vaddps zmm31, zmm8, [rdi+128]
{evex} vaddps zmm31, zmm8, dword ptr [rdi+128]{1to16}
{evex} vaddps zmm8, zmm16, [rdi+8128]
{evex} vaddps zmm8, zmm16, dword ptr [rdi+8128]{1to16}
{evex} vaddps zmm0, zmm1, [rdi+8192]
{evex} vaddps zmm0, zmm1, dword ptr [rdi+8192]{1to16}
{evex} vaddps zmm7, zmm8, [rdi-8192]
{evex} vaddps zmm7, zmm8, dword ptr [rdi-8192]{1to16}
{evex} vaddps zmm15, zmm7, [rdi-8200]
{evex} vaddps zmm15, zmm7, dword ptr [rdi-8200]{1to16}
{evex} vaddps zmm8, zmm15, [r8+4]
{evex} vaddps zmm8, zmm15, dword ptr [r8+4]{1to16}
{evex} vaddps zmm3, zmm12, [r12]
{evex} vaddps zmm3, zmm12, dword ptr [r12]{1to16}
{evex} vaddps zmm16, zmm31, [r13]
{evex} vaddps zmm16, zmm31, dword ptr [r13]{1to16}
{evex} vaddps zmm31, zmm8, [rbp]
{evex} vaddps zmm31, zmm8, dword ptr [rbp]{1to16}
{evex} vaddps zmm8, zmm16, [r15+r14*8+512]
{evex} vaddps zmm8, zmm16, dword ptr [r15+r14*8+512]{1to16}
{evex} vaddps zmm0, zmm1, [r12+r9*2+100]
{evex} vaddps zmm0, zmm1, dword ptr [r12+r9*2+100]{1to16}
{evex} vaddps zmm7, zmm8, [rdi+rdx*4+32]
{evex} vaddps zmm7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vaddps zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vaddps zmm15, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vaddps zmm8, zmm15, [r13+r8*4]
{evex} vaddps zmm8, zmm15, dword ptr [r13+r8*4]{1to16}
{evex} vmulps zmm0, zmm1, zmm2
{evex} vmulps zmm7, zmm8, zmm15
{evex} vmulps zmm15, zmm7, zmm8
{evex} vmulps zmm8, zmm15, zmm7
{evex} vmulps zmm3, zmm12, zmm5
{evex} vmulps zmm16, zmm31, zmm24
{evex} vmulps zmm31, zmm8, zmm16
{evex} vmulps zmm8, zmm16, zmm31
{evex} vmulps zmm0, zmm1, [rdi]
{evex} vmulps zmm0, zmm1, dword ptr [rdi]{1to16}
{evex} vmulps zmm7, zmm8, [rax+rcx*1]
{evex} vmulps zmm7, zmm8, dword ptr [rax+rcx*1]{1to16}
{evex} vmulps zmm15, zmm7, [rdi+8]
{evex} vmulps zmm15, zmm7, dword ptr [rdi+8]{1to16}
{evex} vmulps zmm8, zmm15, [rdi+64]
{evex} vmulps zmm8, zmm15, dword ptr [rdi+64]{1to16}
{evex} vmulps zmm3, zmm12, [rdi-128]
{evex} vmulps zmm3, zmm12, dword ptr [rdi-128]{1to16}
{evex} vmulps zmm16, zmm31, [rdi+127]
{evex} vmulps zmm16, zmm31, dword ptr [rdi+127]{1to16}
{evex} vmulps zmm31, zmm8, [rdi+128]
{evex} vmulps zmm31, zmm8, dword ptr [rdi+128]{1to16}
{evex} vmulps zmm8, zmm16, [rdi+8128]
{evex} vmulps zmm8, zmm16, dword ptr [rdi+8128]{1to16}
{evex} vmulps zmm0, zmm1, [rdi+8192]
{evex} vmulps zmm0, zmm1, dword ptr [rdi+8192]{1to16}
{evex} vmulps zmm7, zmm8, [rdi-8192]
{evex} vmulps zmm7, zmm8, dword ptr [rdi-8192]{1to16}
{evex} vmulps zmm15, zmm7, [rdi-8200]
{evex} vmulps zmm15, zmm7, dword ptr [rdi-8200]{1to16}
{evex} vmulps zmm8, zmm15, [r8+4]
{evex} vmulps zmm8, zmm15, dword ptr [r8+4]{1to16}
{evex} vmulps zmm3, zmm12, [r12]
{evex} vmulps zmm3, zmm12, dword ptr [r12]{1to16}
{evex} vmulps zmm16, zmm31, [r13]
{evex} vmulps zmm16, zmm31, dword ptr [r13]{1to16}
{evex} vmulps zmm31, zmm8, [rbp]
{evex} vmulps zmm31, zmm8, dword ptr [rbp]{1to16}
{evex} vmulps zmm8, zmm16, [r15+r14*8+512]
{evex} vmulps zmm8, zmm16, dword ptr [r15+r14*8+512]{1to16}
{evex} vmulps zmm0, zmm1, [r12+r9*2+100]
{evex} vmulps zmm0, zmm1, dword ptr [r12+r9*2+100]{1to16}
{evex} vmulps zmm7, zmm8, [rdi+rdx*4+32]
{evex} vmulps zmm7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vmulps zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vmulps zmm15, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vmulps zmm8, zmm15, [r13+r8*4]
{evex} vmulps zmm8, zmm15, dword ptr [r13+r8*4]{1to16}
{evex} vsubps zmm0, zmm1, zmm2
{evex} vsubps zmm7, zmm8, zmm15
{evex} vsubps zmm15, zmm7, zmm8
{evex} vsubps zmm8, zmm15, zmm7
{evex} vsubps zmm3, zmm12, zmm5
{evex} vsubps zmm16, zmm31, zmm24
{evex} vsubps zmm31, zmm8, zmm16
{evex} vsubps zmm8, zmm16, zmm31
{evex} vsubps zmm0, zmm1, [rdi]
{evex} vsubps zmm0, zmm1, dword ptr [rdi]{1to16}
{evex} vsubps zmm7, zmm8, [rax+rcx*1]
{evex} vsubps zmm7, zmm8, dword ptr [rax+rcx*1]{1to16}
{evex} vsubps zmm15, zmm7, [rdi+8]
{evex} vsubps zmm15, zmm7, dword ptr [rdi+8]{1to16}
{evex} vsubps zmm8, zmm15, [rdi+64]
{evex} vsubps zmm8, zmm15, dword ptr [rdi+64]{1to16}
{evex} vsubps zmm3, zmm12, [rdi-128]
{evex} vsubps zmm3, zmm12, dword ptr [rdi-128]{1to16}
{evex} vsubps zmm16, zmm31, [rdi+127]
{evex} vsubps zmm16, zmm31, dword ptr [rdi+127]{1to16}
{evex} vsubps zmm31, zmm8, [rdi+128]
{evex} vsubps zmm31, zmm8, dword ptr [rdi+128]{1to16}
{evex} vsubps zmm8, zmm16, [rdi+8128]
{evex} vsubps zmm8, zmm16, dword ptr [rdi+8128]{1to16}
{evex} vsubps zmm0, zmm1, [rdi+8192]
{evex} vsubps zmm0, zmm1, dword ptr [rdi+8192]{1to16}
{evex} vsubps zmm7, zmm8, [rdi-8192]
{evex} vsubps zmm7, zmm8, dword ptr [rdi-8192]{1to16}
{evex} vsubps zmm15, zmm7, [rdi-8200]
{evex} vsubps zmm15, zmm7, dword ptr [rdi-8200]{1to16}
{evex} vsubps zmm8, zmm15, [r8+4]
{evex} vsubps zmm8, zmm15, dword ptr [r8+4]{1to16}
{evex} vsubps zmm3, zmm12, [r12]
{evex} vsubps zmm3, zmm12, dword ptr [r12]{1to16}
{evex} vsubps zmm16, zmm31, [r13]
{evex} vsubps zmm16, zmm31, dword ptr [r13]{1to16}
{evex} vsubps zmm31, zmm8, [rbp]
{evex} vsubps zmm31, zmm8, dword ptr [rbp]{1to16}
{evex} vsubps zmm8, zmm16, [r15+r14*8+512]
{evex} vsubps zmm8, zmm16, dword ptr [r15+r14*8+512]{1to16}
{evex} vsubps zmm0, zmm1, [r12+r9*2+100]
{evex} vsubps zmm0, zmm1, dword ptr [r12+r9*2+100]{1to16}
{evex} vsubps zmm7, zmm8, [rdi+rdx*4+32]
{evex} vsubps zmm7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vsubps zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vsubps zmm15, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vsubps zmm8, zmm15, [r13+r8*4]
{evex} vsubps zmm8, zmm15, dword ptr [r13+r8*4]{1to16}
{evex} vminps zmm0, zmm1, zmm2
{evex} vminps zmm7, zmm8, zmm15
{evex} vminps zmm15, zmm7, zmm8
{evex} vminps zmm8, zmm15, zmm7
{evex} vminps zmm3, zmm12, zmm5
{evex} vminps zmm16, zmm31, zmm24
{evex} vminps zmm31, zmm8, zmm16
{evex} vminps zmm8, zmm16, zmm31
{evex} vminps zmm0, zmm1, [rdi]
{evex} vminps zmm0, zmm1, dword ptr [rdi]{1to16}
{evex} vminps zmm7, zmm8, [rax+rcx*1]
{evex} vminps zmm7, zmm8, dword ptr [rax+rcx*1]{1to16}
{evex} vminps zmm15, zmm7, [rdi+8]
{evex} vminps zmm15, zmm7, dword ptr [rdi+8]{1to16}
{evex} vminps zmm8, zmm15, [rdi+64]
{evex} vminps zmm8, zmm15, dword ptr [rdi+64]{1to16}
{evex} vminps zmm3, zmm12, [rdi-128]
{evex} vminps zmm3, zmm12, dword ptr [rdi-128]{1to16}
{evex} vminps zmm16, zmm31, [rdi+127]
{evex} vminps zmm16, zmm31, dword ptr [rdi+127]{1to16}
{evex} vminps zmm31, zmm8, [rdi+128]
{evex} vminps zmm31, zmm8, dword ptr [rdi+128]{1to16}
{evex} vminps zmm8, zmm16, [rdi+8128]
{evex} vminps zmm8, zmm16, dword ptr [rdi+8128]{1to16}
{evex} vminps zmm0, zmm1, [rdi+8192]
{evex} vminps zmm0, zmm1, dword ptr [rdi+8192]{1to16}
{evex} vminps zmm7, zmm8, [rdi-8192]
{evex} vminps zmm7, zmm8, dword ptr [rdi-8192]{1to16}
{evex} vminps zmm15, zmm7, [rdi-8200]
{evex} vminps zmm15, zmm7, dword ptr [rdi-8200]{1to16}
{evex} vminps zmm8, zmm15, [r8+4]
{evex} vminps zmm8, zmm15, dword ptr [r8+4]{1to16}
{evex} vminps zmm3, zmm12, [r12]
{evex} vminps zmm3, zmm12, dword ptr [r12]{1to16}
{evex} vminps zmm16, zmm31, [r13]
{evex} vminps zmm16, zmm31, dword ptr [r13]{1to16}
{evex} vminps zmm31, zmm8, [rbp]
{evex} vminps zmm31, zmm8, dword ptr [rbp]{1to16}
{evex} vminps zmm8, zmm16, [r15+r14*8+512]
{evex} vminps zmm8, zmm16, dword ptr [r15+r14*8+512]{1to16}
{evex} vminps zmm0, zmm1, [r12+r9*2+100]
{evex} vminps zmm0, zmm1, dword ptr [r12+r9*2+100]{1to16}
{evex} vminps zmm7, zmm8, [rdi+rdx*4+32]
{evex} vminps zmm7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vminps zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vminps zmm15, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vminps zmm8, zmm15, [r13+r8*4]
{evex} vminps zmm8, zmm15, dword ptr [r13+r8*4]{1to16}
{evex} vdivps zmm0, zmm1, zmm2
{evex} vdivps zmm7, zmm8, zmm15
{evex} vdivps zmm15, zmm7, zmm8
{evex} vdivps zmm8, zmm15, zmm7
{evex} vdivps zmm3, zmm12, zmm5
{evex} vdivps zmm16, zmm31, zmm24
{evex} vdivps zmm31, zmm8, zmm16
{evex} vdivps zmm8, zmm16, zmm31
{evex} vdivps zmm0, zmm1, [rdi]
{evex} vdivps zmm0, zmm1, dword ptr [rdi]{1to16}
{evex} vdivps zmm7, zmm8, [rax+rcx*1]
{evex} vdivps zmm7, zmm8, dword ptr [rax+rcx*1]{1to16}
{evex} vdivps zmm15, zmm7, [rdi+8]
{evex} vdivps zmm15, zmm7, dword ptr [rdi+8]{1to16}
{evex} vdivps zmm8, zmm15, [rdi+64]
{evex} vdivps zmm8, zmm15, dword ptr [rdi+64]{1to16}
{evex} vdivps zmm3, zmm12, [rdi-128]
{evex} vdivps zmm3, zmm12, dword ptr [rdi-128]{1to16}
{evex} vdivps zmm16, zmm31, [rdi+127]
{evex} vdivps zmm16, zmm31, dword ptr [rdi+127]{1to16}
{evex} vdivps zmm31, zmm8, [rdi+128]
{evex} vdivps zmm31, zmm8, dword ptr [rdi+128]{1to16}
{evex} vdivps zmm8, zmm16, [rdi+8128]
{evex} vdivps zmm8, zmm16, dword ptr [rdi+8128]{1to16}
{evex} vdivps zmm0, zmm1, [rdi+8192]
{evex} vdivps zmm0, zmm1, dword ptr [rdi+8192]{1to16}
{evex} vdivps zmm7, zmm8, [rdi-8192]
{evex} vdivps zmm7, zmm8, dword ptr [rdi-8192]{1to16}
{evex} vdivps zmm15, zmm7, [rdi-8200]
{evex} vdivps zmm15, zmm7, dword ptr [rdi-8200]{1to16}
{evex} vdivps zmm8, zmm15, [r8+4]
{evex} vdivps zmm8, zmm15, dword ptr [r8+4]{1to16}
{evex} vdivps zmm3, zmm12, [r12]
{evex} vdivps zmm3, zmm12, dword ptr [r12]{1to16}
{evex} vdivps zmm16, zmm31, [r13]
{evex} vdivps zmm16, zmm31, dword ptr [r13]{1to16}
{evex} vdivps zmm31, zmm8, [rbp]
{evex} vdivps zmm31, zmm8, dword ptr [rbp]{1to16}
{evex} vdivps zmm8, zmm16, [r15+r14*8+512]
{evex} vdivps zmm8, zmm16, dword ptr [r15+r14*8+512]{1to16}
{evex} vdivps zmm0, zmm1, [r12+r9*2+100]
{evex} vdivps zmm0, zmm1, dword ptr [r12+r9*2+100]{1to16}
{evex} vdivps zmm7, zmm8, [rdi+rdx*4+32]
{evex} vdivps zmm7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vdivps zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vdivps zmm15, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vdivps zmm8, zmm15, [r13+r8*4]
{evex} vdivps zmm8, zmm15, dword ptr [r13+r8*4]{1to16}
{evex} vmaxps zmm0, zmm1, zmm2
{evex} vmaxps zmm7, zmm8, zmm15
{evex} vmaxps zmm15, zmm7, zmm8
{evex} vmaxps zmm8, zmm15, zmm7
{evex} vmaxps zmm3, zmm12, zmm5
{evex} vmaxps zmm16, zmm31, zmm24
{evex} vmaxps zmm31, zmm8, zmm16
{evex} vmaxps zmm8, zmm16, zmm31
{evex} vmaxps zmm0, zmm1, [rdi]
{evex} vmaxps zmm0, zmm1, dword ptr [rdi]{1to16}
{evex} vmaxps zmm7, zmm8, [rax+rcx*1]
{evex} vmaxps zmm7, zmm8, dword ptr [rax+rcx*1]{1to16}
{evex} vmaxps zmm15, zmm7, [rdi+8]
{evex} vmaxps zmm15, zmm7, dword ptr [rdi+8]{1to16}
{evex} vmaxps zmm8, zmm15, [rdi+64]
{evex} vmaxps zmm8, zmm15, dword ptr [rdi+64]{1to16}
{evex} vmaxps zmm3, zmm12, [rdi-128]
{evex} vmaxps zmm3, zmm12, dword ptr [rdi-128]{1to16}
{evex} vmaxps zmm16, zmm31, [rdi+127]
{evex} vmaxps zmm16, zmm31, dword ptr [rdi+127]{1to16}
{evex} vmaxps zmm31, zmm8, [rdi+128]
{evex} vmaxps zmm31, zmm8, dword ptr [rdi+128]{1to16}
{evex} vmaxps zmm8, zmm16, [rdi+8128]
{evex} vmaxps zmm8, zmm16, dword ptr [rdi+8128]{1to16}
{evex} vmaxps zmm0, zmm1, [rdi+8192]
{evex} vmaxps zmm0, zmm1, dword ptr [rdi+8192]{1to16}
{evex} vmaxps zmm7, zmm8, [rdi-8192]
{evex} vmaxps zmm7, zmm8, dword ptr [rdi-8192]{1to16}
{evex} vmaxps zmm15, zmm7, [rdi-8200]
{evex} vmaxps zmm15, zmm7, dword ptr [rdi-8200]{1to16}
{evex} vmaxps zmm8, zmm15, [r8+4]
{evex} vmaxps zmm8, zmm15, dword ptr [r8+4]{1to16}
{evex} vmaxps zmm3, zmm12, [r12]
{evex} vmaxps zmm3, zmm12, dword ptr [r12]{1to16}
{evex} vmaxps zmm16, zmm31, [r13]
{evex} vmaxps zmm16, zmm31, dword ptr [r13]{1to16}
{evex} vmaxps zmm31, zmm8, [rbp]
{evex} vmaxps zmm31, zmm8, dword ptr [rbp]{1to16}
{evex} vmaxps zmm8, zmm16, [r15+r14*8+512]
{evex} vmaxps zmm8, zmm16, dword ptr [r15+r14*8+512]{1to16}
{evex} vmaxps zmm0, zmm1, [r12+r9*2+100]
{evex} vmaxps zmm0, zmm1, dword ptr [r12+r9*2+100]{1to16}
{evex} vmaxps zmm7, zmm8, [rdi+rdx*4+32]
{evex} vmaxps zmm7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vmaxps zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vmaxps zmm15, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vmaxps zmm8, zmm15, [r13+r8*4]
{evex} vmaxps zmm8, zmm15, dword ptr [r13+r8*4]{1to16}
{evex} vandps zmm0, zmm1, zmm2
{evex} vandps zmm7, zmm8, zmm15
{evex} vandps zmm15, zmm7, zmm8
{evex} vandps zmm8, zmm15, zmm7
{evex} vandps zmm3, zmm12, zmm5
{evex} vandps zmm16, zmm31, zmm24
{evex} vandps zmm31, zmm8, zmm16
{evex} vandps zmm8, zmm16, zmm31
{evex} vandps zmm0, zmm1, [rdi]
{evex} vandps zmm0, zmm1, dword ptr [rdi]{1to16}
{evex} vandps zmm7, zmm8, [rax+rcx*1]
{evex} vandps zmm7, zmm8, dword ptr [rax+rcx*1]{1to16}
{evex} vandps zmm15, zmm7, [rdi+8]
{evex} vandps zmm15, zmm7, dword ptr [rdi+8]{1to16}
{evex} vandps zmm8, zmm15, [rdi+64]
{evex} vandps zmm8, zmm15, dword ptr [rdi+64]{1to16}
{evex} vandps zmm3, zmm12, [rdi-128]
{evex} vandps zmm3, zmm12, dword ptr [rdi-128]{1to16}
{evex} vandps zmm16, zmm31, [rdi+127]
{evex} vandps zmm16, zmm31, dword ptr [rdi+127]{1to16}
{evex} vandps zmm31, zmm8, [rdi+128]
{evex} vandps zmm31, zmm8, dword ptr [rdi+128]{1to16}
{evex} vandps zmm8, zmm16, [rdi+8128]
{evex} vandps zmm8, zmm16, dword ptr [rdi+8128]{1to16}
{evex} vandps zmm0, zmm1, [rdi+8192]
{evex} vandps zmm0, zmm1, dword ptr [rdi+8192]{1to16}
{evex} vandps zmm7, zmm8, [rdi-8192]
{evex} vandps zmm7, zmm8, dword ptr [rdi-8192]{1to16}
{evex} vandps zmm15, zmm7, [rdi-8200]
{evex} vandps zmm15, zmm7, dword ptr [rdi-8200]{1to16}
{evex} vandps zmm8, zmm15, [r8+4]
{evex} vandps zmm8, zmm15, dword ptr [r8+4]{1to16}
{evex} vandps zmm3, zmm12, [r12]
{evex} vandps zmm3, zmm12, dword ptr [r12]{1to16}
{evex} vandps zmm16, zmm31, [r13]
{evex} vandps zmm16, zmm31, dword ptr [r13]{1to16}
{evex} vandps zmm31, zmm8, [rbp]
{evex} vandps zmm31, zmm8, dword ptr [rbp]{1to16}
{evex} vandps zmm8, zmm16, [r15+r14*8+512]
{evex} vandps zmm8, zmm16, dword ptr [r15+r14*8+512]{1to16}
{evex} vandps zmm0, zmm1, [r12+r9*2+100]
{evex} vandps zmm0, zmm1, dword ptr [r12+r9*2+100]{1to16}
{evex} vandps zmm7, zmm8, [rdi+rdx*4+32]
{evex} vandps zmm7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vandps zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vandps zmm15, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vandps zmm8, zmm15, [r13+r8*4]
{evex} vandps zmm8, zmm15, dword ptr [r13+r8*4]{1to16}
{evex} vorps zmm0, zmm1, zmm2
{evex} vorps zmm7, zmm8, zmm15
{evex} vorps zmm15, zmm7, zmm8
{evex} vorps zmm8, zmm15, zmm7
{evex} vorps zmm3, zmm12, zmm5
{evex} vorps zmm16, zmm31, zmm24
{evex} vorps zmm31, zmm8, zmm16
{evex} vorps zmm8, zmm16, zmm31
{evex} vorps zmm0, zmm1, [rdi]
{evex} vorps zmm0, zmm1, dword ptr [rdi]{1to16}
{evex} vorps zmm7, zmm8, [rax+rcx*1]
{evex} vorps zmm7, zmm8, dword ptr [rax+rcx*1]{1to16}
{evex} vorps zmm15, zmm7, [rdi+8]
{evex} vorps zmm15, zmm7, dword ptr [rdi+8]{1to16}
{evex} vorps zmm8, zmm15, [rdi+64]
{evex} vorps zmm8, zmm15, dword ptr [rdi+64]{1to16}
{evex} vorps zmm3, zmm12, [rdi-128]
{evex} vorps zmm3, zmm12, dword ptr [rdi-128]{1to16}
{evex} vorps zmm16, zmm31, [rdi+127]
{evex} vorps zmm16, zmm31, dword ptr [rdi+127]{1to16}
{evex} vorps zmm31, zmm8, [rdi+128]
{evex} vorps zmm31, zmm8, dword ptr [rdi+128]{1to16}
{evex} vorps zmm8, zmm16, [rdi+8128]
{evex} vorps zmm8, zmm16, dword ptr [rdi+8128]{1to16}
{evex} vorps zmm0, zmm1, [rdi+8192]
{evex} vorps zmm0, zmm1, dword ptr [rdi+8192]{1to16}
{evex} vorps zmm7, zmm8, [rdi-8192]
{evex} vorps zmm7, zmm8, dword ptr [rdi-8192]{1to16}
{evex} vorps zmm15, zmm7, [rdi-8200]
{evex} vorps zmm15, zmm7, dword ptr [rdi-8200]{1to16}
{evex} vorps zmm8, zmm15, [r8+4]
{evex} vorps zmm8, zmm15, dword ptr [r8+4]{1to16}
{evex} vorps zmm3, zmm12, [r12]
{evex} vorps zmm3, zmm12, dword ptr [r12]{1to16}
{evex} vorps zmm16, zmm31, [r13]
{evex} vorps zmm16, zmm31, dword ptr [r13]{1to16}
{evex} vorps zmm31, zmm8, [rbp]
{evex} vorps zmm31, zmm8, dword ptr [rbp]{1to16}
{evex} vorps zmm8, zmm16, [r15+r14*8+512]
{evex} vorps zmm8, zmm16, dword ptr [r15+r14*8+512]{1to16}
{evex} vorps zmm0, zmm1, [r12+r9*2+100]
{evex} vorps zmm0, zmm1, dword ptr [r12+r9*2+100]{1to16}
{evex} vorps zmm7, zmm8, [rdi+rdx*4+32]
{evex} vorps zmm7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vorps zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vorps zmm15, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vorps zmm8, zmm15, [r13+r8*4]
{evex} vorps zmm8, zmm15, dword ptr [r13+r8*4]{1to16}
{evex} vxorps zmm0, zmm1, zmm2
{evex} vxorps zmm7, zmm8, zmm15
{evex} vxorps zmm15, zmm7, zmm8
{evex} vxorps zmm8, zmm15, zmm7
{evex} vxorps zmm3, zmm12, zmm5
{evex} vxorps zmm16, zmm31, zmm24
{evex} vxorps zmm31, zmm8, zmm16
{evex} vxorps zmm8, zmm16, zmm31
{evex} vxorps zmm0, zmm1, [rdi]
{evex} vxorps zmm0, zmm1, dword ptr [rdi]{1to16}
{evex} vxorps zmm7, zmm8, [rax+rcx*1]
{evex} vxorps zmm7, zmm8, dword ptr [rax+rcx*1]{1to16}
{evex} vxorps zmm15, zmm7, [rdi+8]
{evex} vxorps zmm15, zmm7, dword ptr [rdi+8]{1to16}
{evex} vxorps zmm8, zmm15, [rdi+64]
{evex} vxorps zmm8, zmm15, dword ptr [rdi+64]{1to16}
{evex} vxorps zmm3, zmm12, [rdi-128]
{evex} vxorps zmm3, zmm12, dword ptr [rdi-128]{1to16}
{evex} vxorps zmm16, zmm31, [rdi+127]
{evex} vxorps zmm16, zmm31, dword ptr [rdi+127]{1to16}
{evex} vxorps zmm31, zmm8, [rdi+128]
{evex} vxorps zmm31, zmm8, dword ptr [rdi+128]{1to16}
{evex} vxorps zmm8, zmm16, [rdi+8128]
{evex} vxorps zmm8, zmm16, dword ptr [rdi+8128]{1to16}
{evex} vxorps zmm0, zmm1, [rdi+8192]
{evex} vxorps zmm0, zmm1, dword ptr [rdi+8192]{1to16}
{evex} vxorps zmm7, zmm8, [rdi-8192]
{evex} vxorps zmm7, zmm8, dword ptr [rdi-8192]{1to16}
{evex} vxorps zmm15, zmm7, [rdi-8200]
{evex} vxorps zmm15, zmm7, dword ptr [rdi-8200]{1to16}
{evex} vxorps zmm8, zmm15, [r8+4]
{evex} vxorps zmm8, zmm15, dword ptr [r8+4]{1to16}
{evex} vxorps zmm3, zmm12, [r12]
{evex} vxorps zmm3, zmm12, dword ptr [r12]{1to16}
{evex} vxorps zmm16, zmm31, [r13]
{evex} vxorps zmm16, zmm31, dword ptr [r13]{1to16}
{evex} vxorps zmm31, zmm8, [rbp]
{evex} vxorps zmm31, zmm8, dword ptr [rbp]{1to16}
{evex} vxorps zmm8, zmm16, [r15+r14*8+512]
{evex} vxorps zmm8, zmm16, dword ptr [r15+r14*8+512]{1to16}
{evex} vxorps zmm0, zmm1, [r12+r9*2+100]
{evex} vxorps zmm0, zmm1, dword ptr [r12+r9*2+100]{1to16}
{evex} vxorps zmm7, zmm8, [rdi+rdx*4+32]
{evex} vxorps zmm7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vxorps zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vxorps zmm15, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vxorps zmm8, zmm15, [r13+r8*4]
{evex} vxorps zmm8, zmm15, dword ptr [r13+r8*4]{1to16}
{evex} vsqrtps zmm0, zmm2
{evex} vsqrtps zmm7, zmm15
{evex} vsqrtps zmm15, zmm8
{evex} vsqrtps zmm8, zmm7
{evex} vsqrtps zmm3, zmm5
{evex} vsqrtps zmm16, zmm24
{evex} vsqrtps zmm31, zmm16
{evex} vsqrtps zmm8, zmm31
{evex} vsqrtps zmm0, [rdi]
{evex} vsqrtps zmm0, dword ptr [rdi]{1to16}
{evex} vsqrtps zmm7, [rax+rcx*1]
{evex} vsqrtps zmm7, dword ptr [rax+rcx*1]{1to16}
{evex} vsqrtps zmm15, [rdi+8]
{evex} vsqrtps zmm15, dword ptr [rdi+8]{1to16}
{evex} vsqrtps zmm8, [rdi+64]
{evex} vsqrtps zmm8, dword ptr [rdi+64]{1to16}
{evex} vsqrtps zmm3, [rdi-128]
{evex} vsqrtps zmm3, dword ptr [rdi-128]{1to16}
{evex} vsqrtps zmm16, [rdi+127]
{evex} vsqrtps zmm16, dword ptr [rdi+127]{1to16}
{evex} vsqrtps zmm31, [rdi+128]
{evex} vsqrtps zmm31, dword ptr [rdi+128]{1to16}
{evex} vsqrtps zmm8, [rdi+8128]
{evex} vsqrtps zmm8, dword ptr [rdi+8128]{1to16}
{evex} vsqrtps zmm0, [rdi+8192]
{evex} vsqrtps zmm0, dword ptr [rdi+8192]{1to16}
{evex} vsqrtps zmm7, [rdi-8192]
{evex} vsqrtps zmm7, dword ptr [rdi-8192]{1to16}
{evex} vsqrtps zmm15, [rdi-8200]
{evex} vsqrtps zmm15, dword ptr [rdi-8200]{1to16}
{evex} vsqrtps zmm8, [r8+4]
{evex} vsqrtps zmm8, dword ptr [r8+4]{1to16}
{evex} vsqrtps zmm3, [r12]
{evex} vsqrtps zmm3, dword ptr [r12]{1to16}
{evex} vsqrtps zmm16, [r13]
{evex} vsqrtps zmm16, dword ptr [r13]{1to16}
{evex} vsqrtps zmm31, [rbp]
{evex} vsqrtps zmm31, dword ptr [rbp]{1to16}
{evex} vsqrtps zmm8, [r15+r14*8+512]
{evex} vsqrtps zmm8, dword ptr [r15+r14*8+512]{1to16}
{evex} vsqrtps zmm0, [r12+r9*2+100]
{evex} vsqrtps zmm0, dword ptr [r12+r9*2+100]{1to16}
{evex} vsqrtps zmm7, [rdi+rdx*4+32]
{evex} vsqrtps zmm7, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vsqrtps zmm15, [rdi+rdx*8+1000]
{evex} vsqrtps zmm15, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vsqrtps zmm8, [r13+r8*4]
{evex} vsqrtps zmm8, dword ptr [r13+r8*4]{1to16}
{evex} vmovaps zmm0, zmm2
{evex} vmovaps zmm7, zmm15
{evex} vmovaps zmm15, zmm8
{evex} vmovaps zmm8, zmm7
{evex} vmovaps zmm3, zmm5
{evex} vmovaps zmm16, zmm24
{evex} vmovaps zmm31, zmm16
{evex} vmovaps zmm8, zmm31
{evex} vmovaps zmm0, [rdi]
{evex} vmovaps zmm7, [rax+rcx*1]
{evex} vmovaps zmm15, [rdi+8]
{evex} vmovaps zmm8, [rdi+64]
{evex} vmovaps zmm3, [rdi-128]
{evex} vmovaps zmm16, [rdi+127]
{evex} vmovaps zmm31, [rdi+128]
{evex} vmovaps zmm8, [rdi+8128]
{evex} vmovaps zmm0, [rdi+8192]
{evex} vmovaps zmm7, [rdi-8192]
{evex} vmovaps zmm15, [rdi-8200]
{evex} vmovaps zmm8, [r8+4]
{evex} vmovaps zmm3, [r12]
{evex} vmovaps zmm16, [r13]
{evex} vmovaps zmm31, [rbp]
{evex} vmovaps zmm8, [r15+r14*8+512]
{evex} vmovaps zmm0, [r12+r9*2+100]
{evex} vmovaps zmm7, [rdi+rdx*4+32]
{evex} vmovaps zmm15, [rdi+rdx*8+1000]
{evex} vmovaps zmm8, [r13+r8*4]
{evex} vmovups zmm0, [rdi]
{evex} vmovups zmm7, [rax+rcx*1]
{evex} vmovups zmm15, [rdi+8]
{evex} vmovups zmm8, [rdi+64]
{evex} vmovups zmm3, [rdi-128]
{evex} vmovups zmm16, [rdi+127]
{evex} vmovups zmm31, [rdi+128]
{evex} vmovups zmm8, [rdi+8128]
{evex} vmovups zmm0, [rdi+8192]
{evex} vmovups zmm7, [rdi-8192]
{evex} vmovups zmm15, [rdi-8200]
{evex} vmovups zmm8, [r8+4]
{evex} vmovups zmm3, [r12]
{evex} vmovups zmm16, [r13]
{evex} vmovups zmm31, [rbp]
{evex} vmovups zmm8, [r15+r14*8+512]
{evex} vmovups zmm0, [r12+r9*2+100]
{evex} vmovups zmm7, [rdi+rdx*4+32]
{evex} vmovups zmm15, [rdi+rdx*8+1000]
{evex} vmovups zmm8, [r13+r8*4]
{evex} vmovups [rdi], zmm0
{evex} vmovups [rax+rcx*1], zmm7
{evex} vmovups [rdi+8], zmm15
{evex} vmovups [rdi+64], zmm8
{evex} vmovups [rdi-128], zmm3
{evex} vmovups [rdi+127], zmm16
{evex} vmovups [rdi+128], zmm31
{evex} vmovups [rdi+8128], zmm8
{evex} vmovups [rdi+8192], zmm0
{evex} vmovups [rdi-8192], zmm7
{evex} vmovups [rdi-8200], zmm15
{evex} vmovups [r8+4], zmm8
{evex} vmovups [r12], zmm3
{evex} vmovups [r13], zmm16
{evex} vmovups [rbp], zmm31
{evex} vmovups [r15+r14*8+512], zmm8
{evex} vmovups [r12+r9*2+100], zmm0
{evex} vmovups [rdi+rdx*4+32], zmm7
{evex} vmovups [rdi+rdx*8+1000], zmm15
{evex} vmovups [r13+r8*4], zmm8
{evex} vbroadcastss zmm0, [rdi]
{evex} vbroadcastss zmm7, [rax+rcx*1]
{evex} vbroadcastss zmm15, [rdi+8]
{evex} vbroadcastss zmm8, [rdi+64]
{evex} vbroadcastss zmm3, [rdi-128]
{evex} vbroadcastss zmm16, [rdi+127]
{evex} vbroadcastss zmm31, [rdi+128]
{evex} vbroadcastss zmm8, [rdi+8128]
{evex} vbroadcastss zmm0, [rdi+8192]
{evex} vbroadcastss zmm7, [rdi-8192]
{evex} vbroadcastss zmm15, [rdi-8200]
{evex} vbroadcastss zmm8, [r8+4]
{evex} vbroadcastss zmm3, [r12]
{evex} vbroadcastss zmm16, [r13]
{evex} vbroadcastss zmm31, [rbp]
{evex} vbroadcastss zmm8, [r15+r14*8+512]
{evex} vbroadcastss zmm0, [r12+r9*2+100]
{evex} vbroadcastss zmm7, [rdi+rdx*4+32]
{evex} vbroadcastss zmm15, [rdi+rdx*8+1000]
{evex} vbroadcastss zmm8, [r13+r8*4]
{evex} vfmadd213ps zmm0, zmm1, zmm2
{evex} vfmadd213ps zmm7, zmm8, zmm15
{evex} vfmadd213ps zmm15, zmm7, zmm8
{evex} vfmadd213ps zmm8, zmm15, zmm7
{evex} vfmadd213ps zmm3, zmm12, zmm5
{evex} vfmadd213ps zmm16, zmm31, zmm24
{evex} vfmadd213ps zmm31, zmm8, zmm16
{evex} vfmadd213ps zmm8, zmm16, zmm31
{evex} vfmadd213ps zmm0, zmm1, [rdi]
{evex} vfmadd213ps zmm0, zmm1, dword ptr [rdi]{1to16}
{evex} vfmadd213ps zmm7, zmm8, [rax+rcx*1]
{evex} vfmadd213ps zmm7, zmm8, dword ptr [rax+rcx*1]{1to16}
{evex} vfmadd213ps zmm15, zmm7, [rdi+8]
{evex} vfmadd213ps zmm15, zmm7, dword ptr [rdi+8]{1to16}
{evex} vfmadd213ps zmm8, zmm15, [rdi+64]
{evex} vfmadd213ps zmm8, zmm15, dword ptr [rdi+64]{1to16}
{evex} vfmadd213ps zmm3, zmm12, [rdi-128]
{evex} vfmadd213ps zmm3, zmm12, dword ptr [rdi-128]{1to16}
{evex} vfmadd213ps zmm16, zmm31, [rdi+127]
{evex} vfmadd213ps zmm16, zmm31, dword ptr [rdi+127]{1to16}
{evex} vfmadd213ps zmm31, zmm8, [rdi+128]
{evex} vfmadd213ps zmm31, zmm8, dword ptr [rdi+128]{1to16}
{evex} vfmadd213ps zmm8, zmm16, [rdi+8128]
{evex} vfmadd213ps zmm8, zmm16, dword ptr [rdi+8128]{1to16}
{evex} vfmadd213ps zmm0, zmm1, [rdi+8192]
{evex} vfmadd213ps zmm0, zmm1, dword ptr [rdi+8192]{1to16}
{evex} vfmadd213ps zmm7, zmm8, [rdi-8192]
{evex} vfmadd213ps zmm7, zmm8, dword ptr [rdi-8192]{1to16}
{evex} vfmadd213ps zmm15, zmm7, [rdi-8200]
{evex} vfmadd213ps zmm15, zmm7, dword ptr [rdi-8200]{1to16}
{evex} vfmadd213ps zmm8, zmm15, [r8+4]
{evex} vfmadd213ps zmm8, zmm15, dword ptr [r8+4]{1to16}
{evex} vfmadd213ps zmm3, zmm12, [r12]
{evex} vfmadd213ps zmm3, zmm12, dword ptr [r12]{1to16}
{evex} vfmadd213ps zmm16, zmm31, [r13]
{evex} vfmadd213ps zmm16, zmm31, dword ptr [r13]{1to16}
{evex} vfmadd213ps zmm31, zmm8, [rbp]
{evex} vfmadd213ps zmm31, zmm8, dword ptr [rbp]{1to16}
{evex} vfmadd213ps zmm8, zmm16, [r15+r14*8+512]
{evex} vfmadd213ps zmm8, zmm16, dword ptr [r15+r14*8+512]{1to16}
{evex} vfmadd213ps zmm0, zmm1, [r12+r9*2+100]
{evex} vfmadd213ps zmm0, zmm1, dword ptr [r12+r9*2+100]{1to16}
{evex} vfmadd213ps zmm7, zmm8, [rdi+rdx*4+32]
{evex} vfmadd213ps zmm7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vfmadd213ps zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vfmadd213ps zmm15, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vfmadd213ps zmm8, zmm15, [r13+r8*4]
{evex} vfmadd213ps zmm8, zmm15, dword ptr [r13+r8*4]{1to16}
{evex} vfmadd231ps zmm0, zmm1, zmm2
{evex} vfmadd231ps zmm7, zmm8, zmm15
{evex} vfmadd231ps zmm15, zmm7, zmm8
{evex} vfmadd231ps zmm8, zmm15, zmm7
{evex} vfmadd231ps zmm3, zmm12, zmm5
{evex} vfmadd231ps zmm16, zmm31, zmm24
{evex} vfmadd231ps zmm31, zmm8, zmm16
{evex} vfmadd231ps zmm8, zmm16, zmm31
{evex} vfmadd231ps zmm0, zmm1, [rdi]
{evex} vfmadd231ps zmm0, zmm1, dword ptr [rdi]{1to16}
{evex} vfmadd231ps zmm7, zmm8, [rax+rcx*1]
{evex} vfmadd231ps zmm7, zmm8, dword ptr [rax+rcx*1]{1to16}
{evex} vfmadd231ps zmm15, zmm7, [rdi+8]
{evex} vfmadd231ps zmm15, zmm7, dword ptr [rdi+8]{1to16}
{evex} vfmadd231ps zmm8, zmm15, [rdi+64]
{evex} vfmadd231ps zmm8, zmm15, dword ptr [rdi+64]{1to16}
{evex} vfmadd231ps zmm3, zmm12, [rdi-128]
{evex} vfmadd231ps zmm3, zmm12, dword ptr [rdi-128]{1to16}
{evex} vfmadd231ps zmm16, zmm31, [rdi+127]
{evex} vfmadd231ps zmm16, zmm31, dword ptr [rdi+127]{1to16}
{evex} vfmadd231ps zmm31, zmm8, [rdi+128]
{evex} vfmadd231ps zmm31, zmm8, dword ptr [rdi+128]{1to16}
{evex} vfmadd231ps zmm8, zmm16, [rdi+8128]
{evex} vfmadd231ps zmm8, zmm16, dword ptr [rdi+8128]{1to16}
{evex} vfmadd231ps zmm0, zmm1, [rdi+8192]
{evex} vfmadd231ps zmm0, zmm1, dword ptr [rdi+8192]{1to16}
{evex} vfmadd231ps zmm7, zmm8, [rdi-8192]
{evex} vfmadd231ps zmm7, zmm8, dword ptr [rdi-8192]{1to16}
{evex} vfmadd231ps zmm15, zmm7, [rdi-8200]
{evex} vfmadd231ps zmm15, zmm7, dword ptr [rdi-8200]{1to16}
{evex} vfmadd231ps zmm8, zmm15, [r8+4]
{evex} vfmadd231ps zmm8, zmm15, dword ptr [r8+4]{1to16}
{evex} vfmadd231ps zmm3, zmm12, [r12]
{evex} vfmadd231ps zmm3, zmm12, dword ptr [r12]{1to16}
{evex} vfmadd231ps zmm16, zmm31, [r13]
{evex} vfmadd231ps zmm16, zmm31, dword ptr [r13]{1to16}
{evex} vfmadd231ps zmm31, zmm8, [rbp]
{evex} vfmadd231ps zmm31, zmm8, dword ptr [rbp]{1to16}
{evex} vfmadd231ps zmm8, zmm16, [r15+r14*8+512]
{evex} vfmadd231ps zmm8, zmm16, dword ptr [r15+r14*8+512]{1to16}
{evex} vfmadd231ps zmm0, zmm1, [r12+r9*2+100]
{evex} vfmadd231ps zmm0, zmm1, dword ptr [r12+r9*2+100]{1to16}
{evex} vfmadd231ps zmm7, zmm8, [rdi+rdx*4+32]
{evex} vfmadd231ps zmm7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vfmadd231ps zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vfmadd231ps zmm15, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vfmadd231ps zmm8, zmm15, [r13+r8*4]
{evex} vfmadd231ps zmm8, zmm15, dword ptr [r13+r8*4]{1to16}
{evex} vfmsub231ps zmm0, zmm1, zmm2
{evex} vfmsub231ps zmm7, zmm8, zmm15
{evex} vfmsub231ps zmm15, zmm7, zmm8
{evex} vfmsub231ps zmm8, zmm15, zmm7
{evex} vfmsub231ps zmm3, zmm12, zmm5
{evex} vfmsub231ps zmm16, zmm31, zmm24
{evex} vfmsub231ps zmm31, zmm8, zmm16
{evex} vfmsub231ps zmm8, zmm16, zmm31
{evex} vfmsub231ps zmm0, zmm1, [rdi]
{evex} vfmsub231ps zmm0, zmm1, dword ptr [rdi]{1to16}
{evex} vfmsub231ps zmm7, zmm8, [rax+rcx*1]
{evex} vfmsub231ps zmm7, zmm8, dword ptr [rax+rcx*1]{1to16}
{evex} vfmsub231ps zmm15, zmm7, [rdi+8]
{evex} vfmsub231ps zmm15, zmm7, dword ptr [rdi+8]{1to16}
{evex} vfmsub231ps zmm8, zmm15, [rdi+64]
{evex} vfmsub231ps zmm8, zmm15, dword ptr [rdi+64]{1to16}
{evex} vfmsub231ps zmm3, zmm12, [rdi-128]
{evex} vfmsub231ps zmm3, zmm12, dword ptr [rdi-128]{1to16}
{evex} vfmsub231ps zmm16, zmm31, [rdi+127]
{evex} vfmsub231ps zmm16, zmm31, dword ptr [rdi+127]{1to16}
{evex} vfmsub231ps zmm31, zmm8, [rdi+128]
{evex} vfmsub231ps zmm31, zmm8, dword ptr [rdi+128]{1to16}
{evex} vfmsub231ps zmm8, zmm16, [rdi+8128]
{evex} vfmsub231ps zmm8, zmm16, dword ptr [rdi+8128]{1to16}
{evex} vfmsub231ps zmm0, zmm1, [rdi+8192]
{evex} vfmsub231ps zmm0, zmm1, dword ptr [rdi+8192]{1to16}
{evex} vfmsub231ps zmm7, zmm8, [rdi-8192]
{evex} vfmsub231ps zmm7, zmm8, dword ptr [rdi-8192]{1to16}
{evex} vfmsub231ps zmm15, zmm7, [rdi-8200]
{evex} vfmsub231ps zmm15, zmm7, dword ptr [rdi-8200]{1to16}
{evex} vfmsub231ps zmm8, zmm15, [r8+4]
{evex} vfmsub231ps zmm8, zmm15, dword ptr [r8+4]{1to16}
{evex} vfmsub231ps zmm3, zmm12, [r12]
{evex} vfmsub231ps zmm3, zmm12, dword ptr [r12]{1to16}
{evex} vfmsub231ps zmm16, zmm31, [r13]
{evex} vfmsub231ps zmm16, zmm31, dword ptr [r13]{1to16}
{evex} vfmsub231ps zmm31, zmm8, [rbp]
{evex} vfmsub231ps zmm31, zmm8, dword ptr [rbp]{1to16}
{evex} vfmsub231ps zmm8, zmm16, [r15+r14*8+512]
{evex} vfmsub231ps zmm8, zmm16, dword ptr [r15+r14*8+512]{1to16}
{evex} vfmsub231ps zmm0, zmm1, [r12+r9*2+100]
{evex} vfmsub231ps zmm0, zmm1, dword ptr [r12+r9*2+100]{1to16}
{evex} vfmsub231ps zmm7, zmm8, [rdi+rdx*4+32]
{evex} vfmsub231ps zmm7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vfmsub231ps zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vfmsub231ps zmm15, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vfmsub231ps zmm8, zmm15, [r13+r8*4]
{evex} vfmsub231ps zmm8, zmm15, dword ptr [r13+r8*4]{1to16}
{evex} vfnmadd231ps zmm0, zmm1, zmm2
{evex} vfnmadd231ps zmm7, zmm8, zmm15
{evex} vfnmadd231ps zmm15, zmm7, zmm8
{evex} vfnmadd231ps zmm8, zmm15, zmm7
{evex} vfnmadd231ps zmm3, zmm12, zmm5
{evex} vfnmadd231ps zmm16, zmm31, zmm24
{evex} vfnmadd231ps zmm31, zmm8, zmm16
{evex} vfnmadd231ps zmm8, zmm16, zmm31
{evex} vfnmadd231ps zmm0, zmm1, [rdi]
{evex} vfnmadd231ps zmm0, zmm1, dword ptr [rdi]{1to16}
{evex} vfnmadd231ps zmm7, zmm8, [rax+rcx*1]
{evex} vfnmadd231ps zmm7, zmm8, dword ptr [rax+rcx*1]{1to16}
{evex} vfnmadd231ps zmm15, zmm7, [rdi+8]
{evex} vfnmadd231ps zmm15, zmm7, dword ptr [rdi+8]{1to16}
{evex} vfnmadd231ps zmm8, zmm15, [rdi+64]
{evex} vfnmadd231ps zmm8, zmm15, dword ptr [rdi+64]{1to16}
{evex} vfnmadd231ps zmm3, zmm12, [rdi-128]
{evex} vfnmadd231ps zmm3, zmm12, dword ptr [rdi-128]{1to16}
{evex} vfnmadd231ps zmm16, zmm31, [rdi+127]
{evex} vfnmadd231ps zmm16, zmm31, dword ptr [rdi+127]{1to16}
{evex} vfnmadd231ps zmm31, zmm8, [rdi+128]
{evex} vfnmadd231ps zmm31, zmm8, dword ptr [rdi+128]{1to16}
{evex} vfnmadd231ps zmm8, zmm16, [rdi+8128]
{evex} vfnmadd231ps zmm8, zmm16, dword ptr [rdi+8128]{1to16}
{evex} vfnmadd231ps zmm0, zmm1, [rdi+8192]
{evex} vfnmadd231ps zmm0, zmm1, dword ptr [rdi+8192]{1to16}
{evex} vfnmadd231ps zmm7, zmm8, [rdi-8192]
{evex} vfnmadd231ps zmm7, zmm8, dword ptr [rdi-8192]{1to16}
{evex} vfnmadd231ps zmm15, zmm7, [rdi-8200]
{evex} vfnmadd231ps zmm15, zmm7, dword ptr [rdi-8200]{1to16}
{evex} vfnmadd231ps zmm8, zmm15, [r8+4]
{evex} vfnmadd231ps zmm8, zmm15, dword ptr [r8+4]{1to16}
{evex} vfnmadd231ps zmm3, zmm12, [r12]
{evex} vfnmadd231ps zmm3, zmm12, dword ptr [r12]{1to16}
{evex} vfnmadd231ps zmm16, zmm31, [r13]
{evex} vfnmadd231ps zmm16, zmm31, dword ptr [r13]{1to16}
{evex} vfnmadd231ps zmm31, zmm8, [rbp]
{evex} vfnmadd231ps zmm31, zmm8, dword ptr [rbp]{1to16}
{evex} vfnmadd231ps zmm8, zmm16, [r15+r14*8+512]
{evex} vfnmadd231ps zmm8, zmm16, dword ptr [r15+r14*8+512]{1to16}
{evex} vfnmadd231ps zmm0, zmm1, [r12+r9*2+100]
{evex} vfnmadd231ps zmm0, zmm1, dword ptr [r12+r9*2+100]{1to16}
{evex} vfnmadd231ps zmm7, zmm8, [rdi+rdx*4+32]
{evex} vfnmadd231ps zmm7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vfnmadd231ps zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vfnmadd231ps zmm15, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vfnmadd231ps zmm8, zmm15, [r13+r8*4]
{evex} vfnmadd231ps zmm8, zmm15, dword ptr [r13+r8*4]{1to16}
{evex} vfnmsub231ps zmm0, zmm1, zmm2
{evex} vfnmsub231ps zmm7, zmm8, zmm15
{evex} vfnmsub231ps zmm15, zmm7, zmm8
{evex} vfnmsub231ps zmm8, zmm15, zmm7
{evex} vfnmsub231ps zmm3, zmm12, zmm5
{evex} vfnmsub231ps zmm16, zmm31, zmm24
{evex} vfnmsub231ps zmm31, zmm8, zmm16
{evex} vfnmsub231ps zmm8, zmm16, zmm31
{evex} vfnmsub231ps zmm0, zmm1, [rdi]
{evex} vfnmsub231ps zmm0, zmm1, dword ptr [rdi]{1to16}
{evex} vfnmsub231ps zmm7, zmm8, [rax+rcx*1]
{evex} vfnmsub231ps zmm7, zmm8, dword ptr [rax+rcx*1]{1to16}
{evex} vfnmsub231ps zmm15, zmm7, [rdi+8]
{evex} vfnmsub231ps zmm15, zmm7, dword ptr [rdi+8]{1to16}
{evex} vfnmsub231ps zmm8, zmm15, [rdi+64]
{evex} vfnmsub231ps zmm8, zmm15, dword ptr [rdi+64]{1to16}
{evex} vfnmsub231ps zmm3, zmm12, [rdi-128]
{evex} vfnmsub231ps zmm3, zmm12, dword ptr [rdi-128]{1to16}
{evex} vfnmsub231ps zmm16, zmm31, [rdi+127]
{evex} vfnmsub231ps zmm16, zmm31, dword ptr [rdi+127]{1to16}
{evex} vfnmsub231ps zmm31, zmm8, [rdi+128]
{evex} vfnmsub231ps zmm31, zmm8, dword ptr [rdi+128]{1to16}
{evex} vfnmsub231ps zmm8, zmm16, [rdi+8128]
{evex} vfnmsub231ps zmm8, zmm16, dword ptr [rdi+8128]{1to16}
{evex} vfnmsub231ps zmm0, zmm1, [rdi+8192]
{evex} vfnmsub231ps zmm0, zmm1, dword ptr [rdi+8192]{1to16}
{evex} vfnmsub231ps zmm7, zmm8, [rdi-8192]
{evex} vfnmsub231ps zmm7, zmm8, dword ptr [rdi-8192]{1to16}
{evex} vfnmsub231ps zmm15, zmm7, [rdi-8200]
{evex} vfnmsub231ps zmm15, zmm7, dword ptr [rdi-8200]{1to16}
{evex} vfnmsub231ps zmm8, zmm15, [r8+4]
{evex} vfnmsub231ps zmm8, zmm15, dword ptr [r8+4]{1to16}
{evex} vfnmsub231ps zmm3, zmm12, [r12]
{evex} vfnmsub231ps zmm3, zmm12, dword ptr [r12]{1to16}
{evex} vfnmsub231ps zmm16, zmm31, [r13]
{evex} vfnmsub231ps zmm16, zmm31, dword ptr [r13]{1to16}
{evex} vfnmsub231ps zmm31, zmm8, [rbp]
{evex} vfnmsub231ps zmm31, zmm8, dword ptr [rbp]{1to16}
{evex} vfnmsub231ps zmm8, zmm16, [r15+r14*8+512]
{evex} vfnmsub231ps zmm8, zmm16, dword ptr [r15+r14*8+512]{1to16}
{evex} vfnmsub231ps zmm0, zmm1, [r12+r9*2+100]
{evex} vfnmsub231ps zmm0, zmm1, dword ptr [r12+r9*2+100]{1to16}
{evex} vfnmsub231ps zmm7, zmm8, [rdi+rdx*4+32]
{evex} vfnmsub231ps zmm7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vfnmsub231ps zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vfnmsub231ps zmm15, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vfnmsub231ps zmm8, zmm15, [r13+r8*4]
{evex} vfnmsub231ps zmm8, zmm15, dword ptr [r13+r8*4]{1to16}
{evex} vrndscaleps zmm0, zmm2, 9
{evex} vrndscaleps zmm7, zmm15, 9
{evex} vrndscaleps zmm15, zmm8, 9
{evex} vrndscaleps zmm8, zmm7, 9
{evex} vrndscaleps zmm3, zmm5, 9
{evex} vrndscaleps zmm16, zmm24, 9
{evex} vrndscaleps zmm31, zmm16, 9
{evex} vrndscaleps zmm8, zmm31, 9
{evex} vrndscaleps zmm0, [rdi], 9
{evex} vrndscaleps zmm0, dword ptr [rdi]{1to16}, 9
{evex} vrndscaleps zmm7, [rax+rcx*1], 9
{evex} vrndscaleps zmm7, dword ptr [rax+rcx*1]{1to16}, 9
{evex} vrndscaleps zmm15, [rdi+8], 9
{evex} vrndscaleps zmm15, dword ptr [rdi+8]{1to16}, 9
{evex} vrndscaleps zmm8, [rdi+64], 9
{evex} vrndscaleps zmm8, dword ptr [rdi+64]{1to16}, 9
{evex} vrndscaleps zmm3, [rdi-128], 9
{evex} vrndscaleps zmm3, dword ptr [rdi-128]{1to16}, 9
{evex} vrndscaleps zmm16, [rdi+127], 9
{evex} vrndscaleps zmm16, dword ptr [rdi+127]{1to16}, 9
{evex} vrndscaleps zmm31, [rdi+128], 9
{evex} vrndscaleps zmm31, dword ptr [rdi+128]{1to16}, 9
{evex} vrndscaleps zmm8, [rdi+8128], 9
{evex} vrndscaleps zmm8, dword ptr [rdi+8128]{1to16}, 9
{evex} vrndscaleps zmm0, [rdi+8192], 9
{evex} vrndscaleps zmm0, dword ptr [rdi+8192]{1to16}, 9
{evex} vrndscaleps zmm7, [rdi-8192], 9
{evex} vrndscaleps zmm7, dword ptr [rdi-8192]{1to16}, 9
{evex} vrndscaleps zmm15, [rdi-8200], 9
{evex} vrndscaleps zmm15, dword ptr [rdi-8200]{1to16}, 9
{evex} vrndscaleps zmm8, [r8+4], 9
{evex} vrndscaleps zmm8, dword ptr [r8+4]{1to16}, 9
{evex} vrndscaleps zmm3, [r12], 9
{evex} vrndscaleps zmm3, dword ptr [r12]{1to16}, 9
{evex} vrndscaleps zmm16, [r13], 9
{evex} vrndscaleps zmm16, dword ptr [r13]{1to16}, 9
{evex} vrndscaleps zmm31, [rbp], 9
{evex} vrndscaleps zmm31, dword ptr [rbp]{1to16}, 9
{evex} vrndscaleps zmm8, [r15+r14*8+512], 9
{evex} vrndscaleps zmm8, dword ptr [r15+r14*8+512]{1to16}, 9
{evex} vrndscaleps zmm0, [r12+r9*2+100], 9
{evex} vrndscaleps zmm0, dword ptr [r12+r9*2+100]{1to16}, 9
{evex} vrndscaleps zmm7, [rdi+rdx*4+32], 9
{evex} vrndscaleps zmm7, dword ptr [rdi+rdx*4+32]{1to16}, 9
{evex} vrndscaleps zmm15, [rdi+rdx*8+1000], 9
{evex} vrndscaleps zmm15, dword ptr [rdi+rdx*8+1000]{1to16}, 9
{evex} vrndscaleps zmm8, [r13+r8*4], 9
{evex} vrndscaleps zmm8, dword ptr [r13+r8*4]{1to16}, 9
{evex} vcvtdq2ps zmm0, zmm2
{evex} vcvtdq2ps zmm7, zmm15
{evex} vcvtdq2ps zmm15, zmm8
{evex} vcvtdq2ps zmm8, zmm7
{evex} vcvtdq2ps zmm3, zmm5
{evex} vcvtdq2ps zmm16, zmm24
{evex} vcvtdq2ps zmm31, zmm16
{evex} vcvtdq2ps zmm8, zmm31
{evex} vcvtdq2ps zmm0, [rdi]
{evex} vcvtdq2ps zmm0, dword ptr [rdi]{1to16}
{evex} vcvtdq2ps zmm7, [rax+rcx*1]
{evex} vcvtdq2ps zmm7, dword ptr [rax+rcx*1]{1to16}
{evex} vcvtdq2ps zmm15, [rdi+8]
{evex} vcvtdq2ps zmm15, dword ptr [rdi+8]{1to16}
{evex} vcvtdq2ps zmm8, [rdi+64]
{evex} vcvtdq2ps zmm8, dword ptr [rdi+64]{1to16}
{evex} vcvtdq2ps zmm3, [rdi-128]
{evex} vcvtdq2ps zmm3, dword ptr [rdi-128]{1to16}
{evex} vcvtdq2ps zmm16, [rdi+127]
{evex} vcvtdq2ps zmm16, dword ptr [rdi+127]{1to16}
{evex} vcvtdq2ps zmm31, [rdi+128]
{evex} vcvtdq2ps zmm31, dword ptr [rdi+128]{1to16}
{evex} vcvtdq2ps zmm8, [rdi+8128]
{evex} vcvtdq2ps zmm8, dword ptr [rdi+8128]{1to16}
{evex} vcvtdq2ps zmm0, [rdi+8192]
{evex} vcvtdq2ps zmm0, dword ptr [rdi+8192]{1to16}
{evex} vcvtdq2ps zmm7, [rdi-8192]
{evex} vcvtdq2ps zmm7, dword ptr [rdi-8192]{1to16}
{evex} vcvtdq2ps zmm15, [rdi-8200]
{evex} vcvtdq2ps zmm15, dword ptr [rdi-8200]{1to16}
{evex} vcvtdq2ps zmm8, [r8+4]
{evex} vcvtdq2ps zmm8, dword ptr [r8+4]{1to16}
{evex} vcvtdq2ps zmm3, [r12]
{evex} vcvtdq2ps zmm3, dword ptr [r12]{1to16}
{evex} vcvtdq2ps zmm16, [r13]
{evex} vcvtdq2ps zmm16, dword ptr [r13]{1to16}
{evex} vcvtdq2ps zmm31, [rbp]
{evex} vcvtdq2ps zmm31, dword ptr [rbp]{1to16}
{evex} vcvtdq2ps zmm8, [r15+r14*8+512]
{evex} vcvtdq2ps zmm8, dword ptr [r15+r14*8+512]{1to16}
{evex} vcvtdq2ps zmm0, [r12+r9*2+100]
{evex} vcvtdq2ps zmm0, dword ptr [r12+r9*2+100]{1to16}
{evex} vcvtdq2ps zmm7, [rdi+rdx*4+32]
{evex} vcvtdq2ps zmm7, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vcvtdq2ps zmm15, [rdi+rdx*8+1000]
{evex} vcvtdq2ps zmm15, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vcvtdq2ps zmm8, [r13+r8*4]
{evex} vcvtdq2ps zmm8, dword ptr [r13+r8*4]{1to16}
{evex} vcvtps2dq zmm0, zmm2
{evex} vcvtps2dq zmm7, zmm15
{evex} vcvtps2dq zmm15, zmm8
{evex} vcvtps2dq zmm8, zmm7
{evex} vcvtps2dq zmm3, zmm5
{evex} vcvtps2dq zmm16, zmm24
{evex} vcvtps2dq zmm31, zmm16
{evex} vcvtps2dq zmm8, zmm31
{evex} vcvtps2dq zmm0, [rdi]
{evex} vcvtps2dq zmm0, dword ptr [rdi]{1to16}
{evex} vcvtps2dq zmm7, [rax+rcx*1]
{evex} vcvtps2dq zmm7, dword ptr [rax+rcx*1]{1to16}
{evex} vcvtps2dq zmm15, [rdi+8]
{evex} vcvtps2dq zmm15, dword ptr [rdi+8]{1to16}
{evex} vcvtps2dq zmm8, [rdi+64]
{evex} vcvtps2dq zmm8, dword ptr [rdi+64]{1to16}
{evex} vcvtps2dq zmm3, [rdi-128]
{evex} vcvtps2dq zmm3, dword ptr [rdi-128]{1to16}
{evex} vcvtps2dq zmm16, [rdi+127]
{evex} vcvtps2dq zmm16, dword ptr [rdi+127]{1to16}
{evex} vcvtps2dq zmm31, [rdi+128]
{evex} vcvtps2dq zmm31, dword ptr [rdi+128]{1to16}
{evex} vcvtps2dq zmm8, [rdi+8128]
{evex} vcvtps2dq zmm8, dword ptr [rdi+8128]{1to16}
{evex} vcvtps2dq zmm0, [rdi+8192]
{evex} vcvtps2dq zmm0, dword ptr [rdi+8192]{1to16}
{evex} vcvtps2dq zmm7, [rdi-8192]
{evex} vcvtps2dq zmm7, dword ptr [rdi-8192]{1to16}
{evex} vcvtps2dq zmm15, [rdi-8200]
{evex} vcvtps2dq zmm15, dword ptr [rdi-8200]{1to16}
{evex} vcvtps2dq zmm8, [r8+4]
{evex} vcvtps2dq zmm8, dword ptr [r8+4]{1to16}
{evex} vcvtps2dq zmm3, [r12]
{evex} vcvtps2dq zmm3, dword ptr [r12]{1to16}
{evex} vcvtps2dq zmm16, [r13]
{evex} vcvtps2dq zmm16, dword ptr [r13]{1to16}
{evex} vcvtps2dq zmm31, [rbp]
{evex} vcvtps2dq zmm31, dword ptr [rbp]{1to16}
{evex} vcvtps2dq zmm8, [r15+r14*8+512]
{evex} vcvtps2dq zmm8, dword ptr [r15+r14*8+512]{1to16}
{evex} vcvtps2dq zmm0, [r12+r9*2+100]
{evex} vcvtps2dq zmm0, dword ptr [r12+r9*2+100]{1to16}
{evex} vcvtps2dq zmm7, [rdi+rdx*4+32]
{evex} vcvtps2dq zmm7, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vcvtps2dq zmm15, [rdi+rdx*8+1000]
{evex} vcvtps2dq zmm15, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vcvtps2dq zmm8, [r13+r8*4]
{evex} vcvtps2dq zmm8, dword ptr [r13+r8*4]{1to16}
{evex} vpaddd zmm0, zmm1, zmm2
{evex} vpaddd zmm7, zmm8, zmm15
{evex} vpaddd zmm15, zmm7, zmm8
{evex} vpaddd zmm8, zmm15, zmm7
{evex} vpaddd zmm3, zmm12, zmm5
{evex} vpaddd zmm16, zmm31, zmm24
{evex} vpaddd zmm31, zmm8, zmm16
{evex} vpaddd zmm8, zmm16, zmm31
{evex} vpaddd zmm0, zmm1, [rdi]
{evex} vpaddd zmm0, zmm1, dword ptr [rdi]{1to16}
{evex} vpaddd zmm7, zmm8, [rax+rcx*1]
{evex} vpaddd zmm7, zmm8, dword ptr [rax+rcx*1]{1to16}
{evex} vpaddd zmm15, zmm7, [rdi+8]
{evex} vpaddd zmm15, zmm7, dword ptr [rdi+8]{1to16}
{evex} vpaddd zmm8, zmm15, [rdi+64]
{evex} vpaddd zmm8, zmm15, dword ptr [rdi+64]{1to16}
{evex} vpaddd zmm3, zmm12, [rdi-128]
{evex} vpaddd zmm3, zmm12, dword ptr [rdi-128]{1to16}
{evex} vpaddd zmm16, zmm31, [rdi+127]
{evex} vpaddd zmm16, zmm31, dword ptr [rdi+127]{1to16}
{evex} vpaddd zmm31, zmm8, [rdi+128]
{evex} vpaddd zmm31, zmm8, dword ptr [rdi+128]{1to16}
{evex} vpaddd zmm8, zmm16, [rdi+8128]
{evex} vpaddd zmm8, zmm16, dword ptr [rdi+8128]{1to16}
{evex} vpaddd zmm0, zmm1, [rdi+8192]
{evex} vpaddd zmm0, zmm1, dword ptr [rdi+8192]{1to16}
{evex} vpaddd zmm7, zmm8, [rdi-8192]
{evex} vpaddd zmm7, zmm8, dword ptr [rdi-8192]{1to16}
{evex} vpaddd zmm15, zmm7, [rdi-8200]
{evex} vpaddd zmm15, zmm7, dword ptr [rdi-8200]{1to16}
{evex} vpaddd zmm8, zmm15, [r8+4]
{evex} vpaddd zmm8, zmm15, dword ptr [r8+4]{1to16}
{evex} vpaddd zmm3, zmm12, [r12]
{evex} vpaddd zmm3, zmm12, dword ptr [r12]{1to16}
{evex} vpaddd zmm16, zmm31, [r13]
{evex} vpaddd zmm16, zmm31, dword ptr [r13]{1to16}
{evex} vpaddd zmm31, zmm8, [rbp]
{evex} vpaddd zmm31, zmm8, dword ptr [rbp]{1to16}
{evex} vpaddd zmm8, zmm16, [r15+r14*8+512]
{evex} vpaddd zmm8, zmm16, dword ptr [r15+r14*8+512]{1to16}
{evex} vpaddd zmm0, zmm1, [r12+r9*2+100]
{evex} vpaddd zmm0, zmm1, dword ptr [r12+r9*2+100]{1to16}
{evex} vpaddd zmm7, zmm8, [rdi+rdx*4+32]
{evex} vpaddd zmm7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vpaddd zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vpaddd zmm15, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vpaddd zmm8, zmm15, [r13+r8*4]
{evex} vpaddd zmm8, zmm15, dword ptr [r13+r8*4]{1to16}
{evex} vpsubd zmm0, zmm1, zmm2
{evex} vpsubd zmm7, zmm8, zmm15
{evex} vpsubd zmm15, zmm7, zmm8
{evex} vpsubd zmm8, zmm15, zmm7
{evex} vpsubd zmm3, zmm12, zmm5
{evex} vpsubd zmm16, zmm31, zmm24
{evex} vpsubd zmm31, zmm8, zmm16
{evex} vpsubd zmm8, zmm16, zmm31
{evex} vpsubd zmm0, zmm1, [rdi]
{evex} vpsubd zmm0, zmm1, dword ptr [rdi]{1to16}
{evex} vpsubd zmm7, zmm8, [rax+rcx*1]
{evex} vpsubd zmm7, zmm8, dword ptr [rax+rcx*1]{1to16}
{evex} vpsubd zmm15, zmm7, [rdi+8]
{evex} vpsubd zmm15, zmm7, dword ptr [rdi+8]{1to16}
{evex} vpsubd zmm8, zmm15, [rdi+64]
{evex} vpsubd zmm8, zmm15, dword ptr [rdi+64]{1to16}
{evex} vpsubd zmm3, zmm12, [rdi-128]
{evex} vpsubd zmm3, zmm12, dword ptr [rdi-128]{1to16}
{evex} vpsubd zmm16, zmm31, [rdi+127]
{evex} vpsubd zmm16, zmm31, dword ptr [rdi+127]{1to16}
{evex} vpsubd zmm31, zmm8, [rdi+128]
{evex} vpsubd zmm31, zmm8, dword ptr [rdi+128]{1to16}
{evex} vpsubd zmm8, zmm16, [rdi+8128]
{evex} vpsubd zmm8, zmm16, dword ptr [rdi+8128]{1to16}
{evex} vpsubd zmm0, zmm1, [rdi+8192]
{evex} vpsubd zmm0, zmm1, dword ptr [rdi+8192]{1to16}
{evex} vpsubd zmm7, zmm8, [rdi-8192]
{evex} vpsubd zmm7, zmm8, dword ptr [rdi-8192]{1to16}
{evex} vpsubd zmm15, zmm7, [rdi-8200]
{evex} vpsubd zmm15, zmm7, dword ptr [rdi-8200]{1to16}
{evex} vpsubd zmm8, zmm15, [r8+4]
{evex} vpsubd zmm8, zmm15, dword ptr [r8+4]{1to16}
{evex} vpsubd zmm3, zmm12, [r12]
{evex} vpsubd zmm3, zmm12, dword ptr [r12]{1to16}
{evex} vpsubd zmm16, zmm31, [r13]
{evex} vpsubd zmm16, zmm31, dword ptr [r13]{1to16}
{evex} vpsubd zmm31, zmm8, [rbp]
{evex} vpsubd zmm31, zmm8, dword ptr [rbp]{1to16}
{evex} vpsubd zmm8, zmm16, [r15+r14*8+512]
{evex} vpsubd zmm8, zmm16, dword ptr [r15+r14*8+512]{1to16}
{evex} vpsubd zmm0, zmm1, [r12+r9*2+100]
{evex} vpsubd zmm0, zmm1, dword ptr [r12+r9*2+100]{1to16}
{evex} vpsubd zmm7, zmm8, [rdi+rdx*4+32]
{evex} vpsubd zmm7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vpsubd zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vpsubd zmm15, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vpsubd zmm8, zmm15, [r13+r8*4]
{evex} vpsubd zmm8, zmm15, dword ptr [r13+r8*4]{1to16}
{evex} vpsrld zmm0, zmm2, 9
{evex} vpsrld zmm7, zmm15, 9
{evex} vpsrld zmm15, zmm8, 9
{evex} vpsrld zmm8, zmm7, 9
{evex} vpsrld zmm3, zmm5, 9
{evex} vpsrld zmm16, zmm24, 9
{evex} vpsrld zmm31, zmm16, 9
{evex} vpsrld zmm8, zmm31, 9
{evex} vpsrad zmm0, zmm2, 9
{evex} vpsrad zmm7, zmm15, 9
{evex} vpsrad zmm15, zmm8, 9
{evex} vpsrad zmm8, zmm7, 9
{evex} vpsrad zmm3, zmm5, 9
{evex} vpsrad zmm16, zmm24, 9
{evex} vpsrad zmm31, zmm16, 9
{evex} vpsrad zmm8, zmm31, 9
{evex} vpslld zmm0, zmm2, 9
{evex} vpslld zmm7, zmm15, 9
{evex} vpslld zmm15, zmm8, 9
{evex} vpslld zmm8, zmm7, 9
{evex} vpslld zmm3, zmm5, 9
{evex} vpslld zmm16, zmm24, 9
{evex} vpslld zmm31, zmm16, 9
{evex} vpslld zmm8, zmm31, 9
{evex} vscalefps zmm0, zmm1, zmm2
{evex} vscalefps zmm7, zmm8, zmm15
{evex} vscalefps zmm15, zmm7, zmm8
{evex} vscalefps zmm8, zmm15, zmm7
{evex} vscalefps zmm3, zmm12, zmm5
{evex} vscalefps zmm16, zmm31, zmm24
{evex} vscalefps zmm31, zmm8, zmm16
{evex} vscalefps zmm8, zmm16, zmm31
{evex} vscalefps zmm0, zmm1, [rdi]
{evex} vscalefps zmm0, zmm1, dword ptr [rdi]{1to16}
{evex} vscalefps zmm7, zmm8, [rax+rcx*1]
{evex} vscalefps zmm7, zmm8, dword ptr [rax+rcx*1]{1to16}
{evex} vscalefps zmm15, zmm7, [rdi+8]
{evex} vscalefps zmm15, zmm7, dword ptr [rdi+8]{1to16}
{evex} vscalefps zmm8, zmm15, [rdi+64]
{evex} vscalefps zmm8, zmm15, dword ptr [rdi+64]{1to16}
{evex} vscalefps zmm3, zmm12, [rdi-128]
{evex} vscalefps zmm3, zmm12, dword ptr [rdi-128]{1to16}
{evex} vscalefps zmm16, zmm31, [rdi+127]
{evex} vscalefps zmm16, zmm31, dword ptr [rdi+127]{1to16}
{evex} vscalefps zmm31, zmm8, [rdi+128]
{evex} vscalefps zmm31, zmm8, dword ptr [rdi+128]{1to16}
{evex} vscalefps zmm8, zmm16, [rdi+8128]
{evex} vscalefps zmm8, zmm16, dword ptr [rdi+8128]{1to16}
{evex} vscalefps zmm0, zmm1, [rdi+8192]
{evex} vscalefps zmm0, zmm1, dword ptr [rdi+8192]{1to16}
{evex} vscalefps zmm7, zmm8, [rdi-8192]
{evex} vscalefps zmm7, zmm8, dword ptr [rdi-8192]{1to16}
{evex} vscalefps zmm15, zmm7, [rdi-8200]
{evex} vscalefps zmm15, zmm7, dword ptr [rdi-8200]{1to16}
{evex} vscalefps zmm8, zmm15, [r8+4]
{evex} vscalefps zmm8, zmm15, dword ptr [r8+4]{1to16}
{evex} vscalefps zmm3, zmm12, [r12]
{evex} vscalefps zmm3, zmm12, dword ptr [r12]{1to16}
{evex} vscalefps zmm16, zmm31, [r13]
{evex} vscalefps zmm16, zmm31, dword ptr [r13]{1to16}
{evex} vscalefps zmm31, zmm8, [rbp]
{evex} vscalefps zmm31, zmm8, dword ptr [rbp]{1to16}
{evex} vscalefps zmm8, zmm16, [r15+r14*8+512]
{evex} vscalefps zmm8, zmm16, dword ptr [r15+r14*8+512]{1to16}
{evex} vscalefps zmm0, zmm1, [r12+r9*2+100]
{evex} vscalefps zmm0, zmm1, dword ptr [r12+r9*2+100]{1to16}
{evex} vscalefps zmm7, zmm8, [rdi+rdx*4+32]
{evex} vscalefps zmm7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vscalefps zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vscalefps zmm15, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vscalefps zmm8, zmm15, [r13+r8*4]
{evex} vscalefps zmm8, zmm15, dword ptr [r13+r8*4]{1to16}
{evex} vrsqrt14ps zmm0, zmm2
{evex} vrsqrt14ps zmm7, zmm15
{evex} vrsqrt14ps zmm15, zmm8
{evex} vrsqrt14ps zmm8, zmm7
{evex} vrsqrt14ps zmm3, zmm5
{evex} vrsqrt14ps zmm16, zmm24
{evex} vrsqrt14ps zmm31, zmm16
{evex} vrsqrt14ps zmm8, zmm31
{evex} vrsqrt14ps zmm0, [rdi]
{evex} vrsqrt14ps zmm0, dword ptr [rdi]{1to16}
{evex} vrsqrt14ps zmm7, [rax+rcx*1]
{evex} vrsqrt14ps zmm7, dword ptr [rax+rcx*1]{1to16}
{evex} vrsqrt14ps zmm15, [rdi+8]
{evex} vrsqrt14ps zmm15, dword ptr [rdi+8]{1to16}
{evex} vrsqrt14ps zmm8, [rdi+64]
{evex} vrsqrt14ps zmm8, dword ptr [rdi+64]{1to16}
{evex} vrsqrt14ps zmm3, [rdi-128]
{evex} vrsqrt14ps zmm3, dword ptr [rdi-128]{1to16}
{evex} vrsqrt14ps zmm16, [rdi+127]
{evex} vrsqrt14ps zmm16, dword ptr [rdi+127]{1to16}
{evex} vrsqrt14ps zmm31, [rdi+128]
{evex} vrsqrt14ps zmm31, dword ptr [rdi+128]{1to16}
{evex} vrsqrt14ps zmm8, [rdi+8128]
{evex} vrsqrt14ps zmm8, dword ptr [rdi+8128]{1to16}
{evex} vrsqrt14ps zmm0, [rdi+8192]
{evex} vrsqrt14ps zmm0, dword ptr [rdi+8192]{1to16}
{evex} vrsqrt14ps zmm7, [rdi-8192]
{evex} vrsqrt14ps zmm7, dword ptr [rdi-8192]{1to16}
{evex} vrsqrt14ps zmm15, [rdi-8200]
{evex} vrsqrt14ps zmm15, dword ptr [rdi-8200]{1to16}
{evex} vrsqrt14ps zmm8, [r8+4]
{evex} vrsqrt14ps zmm8, dword ptr [r8+4]{1to16}
{evex} vrsqrt14ps zmm3, [r12]
{evex} vrsqrt14ps zmm3, dword ptr [r12]{1to16}
{evex} vrsqrt14ps zmm16, [r13]
{evex} vrsqrt14ps zmm16, dword ptr [r13]{1to16}
{evex} vrsqrt14ps zmm31, [rbp]
{evex} vrsqrt14ps zmm31, dword ptr [rbp]{1to16}
{evex} vrsqrt14ps zmm8, [r15+r14*8+512]
{evex} vrsqrt14ps zmm8, dword ptr [r15+r14*8+512]{1to16}
{evex} vrsqrt14ps zmm0, [r12+r9*2+100]
{evex} vrsqrt14ps zmm0, dword ptr [r12+r9*2+100]{1to16}
{evex} vrsqrt14ps zmm7, [rdi+rdx*4+32]
{evex} vrsqrt14ps zmm7, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vrsqrt14ps zmm15, [rdi+rdx*8+1000]
{evex} vrsqrt14ps zmm15, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vrsqrt14ps zmm8, [r13+r8*4]
{evex} vrsqrt14ps zmm8, dword ptr [r13+r8*4]{1to16}
{evex} vrcp14ps zmm0, zmm2
{evex} vrcp14ps zmm7, zmm15
{evex} vrcp14ps zmm15, zmm8
{evex} vrcp14ps zmm8, zmm7
{evex} vrcp14ps zmm3, zmm5
{evex} vrcp14ps zmm16, zmm24
{evex} vrcp14ps zmm31, zmm16
{evex} vrcp14ps zmm8, zmm31
{evex} vrcp14ps zmm0, [rdi]
{evex} vrcp14ps zmm0, dword ptr [rdi]{1to16}
{evex} vrcp14ps zmm7, [rax+rcx*1]
{evex} vrcp14ps zmm7, dword ptr [rax+rcx*1]{1to16}
{evex} vrcp14ps zmm15, [rdi+8]
{evex} vrcp14ps zmm15, dword ptr [rdi+8]{1to16}
{evex} vrcp14ps zmm8, [rdi+64]
{evex} vrcp14ps zmm8, dword ptr [rdi+64]{1to16}
{evex} vrcp14ps zmm3, [rdi-128]
{evex} vrcp14ps zmm3, dword ptr [rdi-128]{1to16}
{evex} vrcp14ps zmm16, [rdi+127]
{evex} vrcp14ps zmm16, dword ptr [rdi+127]{1to16}
{evex} vrcp14ps zmm31, [rdi+128]
{evex} vrcp14ps zmm31, dword ptr [rdi+128]{1to16}
{evex} vrcp14ps zmm8, [rdi+8128]
{evex} vrcp14ps zmm8, dword ptr [rdi+8128]{1to16}
{evex} vrcp14ps zmm0, [rdi+8192]
{evex} vrcp14ps zmm0, dword ptr [rdi+8192]{1to16}
{evex} vrcp14ps zmm7, [rdi-8192]
{evex} vrcp14ps zmm7, dword ptr [rdi-8192]{1to16}
{evex} vrcp14ps zmm15, [rdi-8200]
{evex} vrcp14ps zmm15, dword ptr [rdi-8200]{1to16}
{evex} vrcp14ps zmm8, [r8+4]
{evex} vrcp14ps zmm8, dword ptr [r8+4]{1to16}
{evex} vrcp14ps zmm3, [r12]
{evex} vrcp14ps zmm3, dword ptr [r12]{1to16}
{evex} vrcp14ps zmm16, [r13]
{evex} vrcp14ps zmm16, dword ptr [r13]{1to16}
{evex} vrcp14ps zmm31, [rbp]
{evex} vrcp14ps zmm31, dword ptr [rbp]{1to16}
{evex} vrcp14ps zmm8, [r15+r14*8+512]
{evex} vrcp14ps zmm8, dword ptr [r15+r14*8+512]{1to16}
{evex} vrcp14ps zmm0, [r12+r9*2+100]
{evex} vrcp14ps zmm0, dword ptr [r12+r9*2+100]{1to16}
{evex} vrcp14ps zmm7, [rdi+rdx*4+32]
{evex} vrcp14ps zmm7, dword ptr [rdi+rdx*4+32]{1to16}
{evex} vrcp14ps zmm15, [rdi+rdx*8+1000]
{evex} vrcp14ps zmm15, dword ptr [rdi+rdx*8+1000]{1to16}
{evex} vrcp14ps zmm8, [r13+r8*4]
{evex} vrcp14ps zmm8, dword ptr [r13+r8*4]{1to16}
{evex} vcmpps k0, zmm1, zmm2, 9
{evex} vcmpps k7, zmm8, zmm15, 9
{evex} vcmpps k7, zmm7, zmm8, 9
{evex} vcmpps k0, zmm15, zmm7, 9
{evex} vcmpps k3, zmm12, zmm5, 9
{evex} vcmpps k0, zmm31, zmm24, 9
{evex} vcmpps k7, zmm8, zmm16, 9
{evex} vcmpps k0, zmm16, zmm31, 9
{evex} vcmpps k0, zmm1, [rdi], 9
{evex} vcmpps k0, zmm1, dword ptr [rdi]{1to16}, 9
{evex} vcmpps k7, zmm8, [rax+rcx*1], 9
{evex} vcmpps k7, zmm8, dword ptr [rax+rcx*1]{1to16}, 9
{evex} vcmpps k7, zmm7, [rdi+8], 9
{evex} vcmpps k7, zmm7, dword ptr [rdi+8]{1to16}, 9
{evex} vcmpps k0, zmm15, [rdi+64], 9
{evex} vcmpps k0, zmm15, dword ptr [rdi+64]{1to16}, 9
{evex} vcmpps k3, zmm12, [rdi-128], 9
{evex} vcmpps k3, zmm12, dword ptr [rdi-128]{1to16}, 9
{evex} vcmpps k0, zmm31, [rdi+127], 9
{evex} vcmpps k0, zmm31, dword ptr [rdi+127]{1to16}, 9
{evex} vcmpps k7, zmm8, [rdi+128], 9
{evex} vcmpps k7, zmm8, dword ptr [rdi+128]{1to16}, 9
{evex} vcmpps k0, zmm16, [rdi+8128], 9
{evex} vcmpps k0, zmm16, dword ptr [rdi+8128]{1to16}, 9
{evex} vcmpps k0, zmm1, [rdi+8192], 9
{evex} vcmpps k0, zmm1, dword ptr [rdi+8192]{1to16}, 9
{evex} vcmpps k7, zmm8, [rdi-8192], 9
{evex} vcmpps k7, zmm8, dword ptr [rdi-8192]{1to16}, 9
{evex} vcmpps k7, zmm7, [rdi-8200], 9
{evex} vcmpps k7, zmm7, dword ptr [rdi-8200]{1to16}, 9
{evex} vcmpps k0, zmm15, [r8+4], 9
{evex} vcmpps k0, zmm15, dword ptr [r8+4]{1to16}, 9
{evex} vcmpps k3, zmm12, [r12], 9
{evex} vcmpps k3, zmm12, dword ptr [r12]{1to16}, 9
{evex} vcmpps k0, zmm31, [r13], 9
{evex} vcmpps k0, zmm31, dword ptr [r13]{1to16}, 9
{evex} vcmpps k7, zmm8, [rbp], 9
{evex} vcmpps k7, zmm8, dword ptr [rbp]{1to16}, 9
{evex} vcmpps k0, zmm16, [r15+r14*8+512], 9
{evex} vcmpps k0, zmm16, dword ptr [r15+r14*8+512]{1to16}, 9
{evex} vcmpps k0, zmm1, [r12+r9*2+100], 9
{evex} vcmpps k0, zmm1, dword ptr [r12+r9*2+100]{1to16}, 9
{evex} vcmpps k7, zmm8, [rdi+rdx*4+32], 9
{evex} vcmpps k7, zmm8, dword ptr [rdi+rdx*4+32]{1to16}, 9
{evex} vcmpps k7, zmm7, [rdi+rdx*8+1000], 9
{evex} vcmpps k7, zmm7, dword ptr [rdi+rdx*8+1000]{1to16}, 9
{evex} vcmpps k0, zmm15, [r13+r8*4], 9
{evex} vcmpps k0, zmm15, dword ptr [r13+r8*4]{1to16}, 9
{evex} vaddpd zmm0, zmm1, zmm2
{evex} vaddpd zmm7, zmm8, zmm15
{evex} vaddpd zmm15, zmm7, zmm8
{evex} vaddpd zmm8, zmm15, zmm7
{evex} vaddpd zmm3, zmm12, zmm5
{evex} vaddpd zmm16, zmm31, zmm24
{evex} vaddpd zmm31, zmm8, zmm16
{evex} vaddpd zmm8, zmm16, zmm31
{evex} vaddpd zmm0, zmm1, [rdi]
{evex} vaddpd zmm0, zmm1, qword ptr [rdi]{1to8}
{evex} vaddpd zmm7, zmm8, [rax+rcx*1]
{evex} vaddpd zmm7, zmm8, qword ptr [rax+rcx*1]{1to8}
{evex} vaddpd zmm15, zmm7, [rdi+8]
{evex} vaddpd zmm15, zmm7, qword ptr [rdi+8]{1to8}
{evex} vaddpd zmm8, zmm15, [rdi+64]
{evex} vaddpd zmm8, zmm15, qword ptr [rdi+64]{1to8}
{evex} vaddpd zmm3, zmm12, [rdi-128]
{evex} vaddpd zmm3, zmm12, qword ptr [rdi-128]{1to8}
{evex} vaddpd zmm16, zmm31, [rdi+127]
{evex} vaddpd zmm16, zmm31, qword ptr [rdi+127]{1to8}
{evex} vaddpd zmm31, zmm8, [rdi+128]
{evex} vaddpd zmm31, zmm8, qword ptr [rdi+128]{1to8}
{evex} vaddpd zmm8, zmm16, [rdi+8128]
{evex} vaddpd zmm8, zmm16, qword ptr [rdi+8128]{1to8}
{evex} vaddpd zmm0, zmm1, [rdi+8192]
{evex} vaddpd zmm0, zmm1, qword ptr [rdi+8192]{1to8}
{evex} vaddpd zmm7, zmm8, [rdi-8192]
{evex} vaddpd zmm7, zmm8, qword ptr [rdi-8192]{1to8}
{evex} vaddpd zmm15, zmm7, [rdi-8200]
{evex} vaddpd zmm15, zmm7, qword ptr [rdi-8200]{1to8}
{evex} vaddpd zmm8, zmm15, [r8+4]
{evex} vaddpd zmm8, zmm15, qword ptr [r8+4]{1to8}
{evex} vaddpd zmm3, zmm12, [r12]
{evex} vaddpd zmm3, zmm12, qword ptr [r12]{1to8}
{evex} vaddpd zmm16, zmm31, [r13]
{evex} vaddpd zmm16, zmm31, qword ptr [r13]{1to8}
{evex} vaddpd zmm31, zmm8, [rbp]
{evex} vaddpd zmm31, zmm8, qword ptr [rbp]{1to8}
{evex} vaddpd zmm8, zmm16, [r15+r14*8+512]
{evex} vaddpd zmm8, zmm16, qword ptr [r15+r14*8+512]{1to8}
{evex} vaddpd zmm0, zmm1, [r12+r9*2+100]
{evex} vaddpd zmm0, zmm1, qword ptr [r12+r9*2+100]{1to8}
{evex} vaddpd zmm7, zmm8, [rdi+rdx*4+32]
{evex} vaddpd zmm7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vaddpd zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vaddpd zmm15, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vaddpd zmm8, zmm15, [r13+r8*4]
{evex} vaddpd zmm8, zmm15, qword ptr [r13+r8*4]{1to8}
{evex} vmulpd zmm0, zmm1, zmm2
{evex} vmulpd zmm7, zmm8, zmm15
{evex} vmulpd zmm15, zmm7, zmm8
{evex} vmulpd zmm8, zmm15, zmm7
{evex} vmulpd zmm3, zmm12, zmm5
{evex} vmulpd zmm16, zmm31, zmm24
{evex} vmulpd zmm31, zmm8, zmm16
{evex} vmulpd zmm8, zmm16, zmm31
{evex} vmulpd zmm0, zmm1, [rdi]
{evex} vmulpd zmm0, zmm1, qword ptr [rdi]{1to8}
{evex} vmulpd zmm7, zmm8, [rax+rcx*1]
{evex} vmulpd zmm7, zmm8, qword ptr [rax+rcx*1]{1to8}
{evex} vmulpd zmm15, zmm7, [rdi+8]
{evex} vmulpd zmm15, zmm7, qword ptr [rdi+8]{1to8}
{evex} vmulpd zmm8, zmm15, [rdi+64]
{evex} vmulpd zmm8, zmm15, qword ptr [rdi+64]{1to8}
{evex} vmulpd zmm3, zmm12, [rdi-128]
{evex} vmulpd zmm3, zmm12, qword ptr [rdi-128]{1to8}
{evex} vmulpd zmm16, zmm31, [rdi+127]
{evex} vmulpd zmm16, zmm31, qword ptr [rdi+127]{1to8}
{evex} vmulpd zmm31, zmm8, [rdi+128]
{evex} vmulpd zmm31, zmm8, qword ptr [rdi+128]{1to8}
{evex} vmulpd zmm8, zmm16, [rdi+8128]
{evex} vmulpd zmm8, zmm16, qword ptr [rdi+8128]{1to8}
{evex} vmulpd zmm0, zmm1, [rdi+8192]
{evex} vmulpd zmm0, zmm1, qword ptr [rdi+8192]{1to8}
{evex} vmulpd zmm7, zmm8, [rdi-8192]
{evex} vmulpd zmm7, zmm8, qword ptr [rdi-8192]{1to8}
{evex} vmulpd zmm15, zmm7, [rdi-8200]
{evex} vmulpd zmm15, zmm7, qword ptr [rdi-8200]{1to8}
{evex} vmulpd zmm8, zmm15, [r8+4]
{evex} vmulpd zmm8, zmm15, qword ptr [r8+4]{1to8}
{evex} vmulpd zmm3, zmm12, [r12]
{evex} vmulpd zmm3, zmm12, qword ptr [r12]{1to8}
{evex} vmulpd zmm16, zmm31, [r13]
{evex} vmulpd zmm16, zmm31, qword ptr [r13]{1to8}
{evex} vmulpd zmm31, zmm8, [rbp]
{evex} vmulpd zmm31, zmm8, qword ptr [rbp]{1to8}
{evex} vmulpd zmm8, zmm16, [r15+r14*8+512]
{evex} vmulpd zmm8, zmm16, qword ptr [r15+r14*8+512]{1to8}
{evex} vmulpd zmm0, zmm1, [r12+r9*2+100]
{evex} vmulpd zmm0, zmm1, qword ptr [r12+r9*2+100]{1to8}
{evex} vmulpd zmm7, zmm8, [rdi+rdx*4+32]
{evex} vmulpd zmm7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vmulpd zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vmulpd zmm15, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vmulpd zmm8, zmm15, [r13+r8*4]
{evex} vmulpd zmm8, zmm15, qword ptr [r13+r8*4]{1to8}
{evex} vsubpd zmm0, zmm1, zmm2
{evex} vsubpd zmm7, zmm8, zmm15
{evex} vsubpd zmm15, zmm7, zmm8
{evex} vsubpd zmm8, zmm15, zmm7
{evex} vsubpd zmm3, zmm12, zmm5
{evex} vsubpd zmm16, zmm31, zmm24
{evex} vsubpd zmm31, zmm8, zmm16
{evex} vsubpd zmm8, zmm16, zmm31
{evex} vsubpd zmm0, zmm1, [rdi]
{evex} vsubpd zmm0, zmm1, qword ptr [rdi]{1to8}
{evex} vsubpd zmm7, zmm8, [rax+rcx*1]
{evex} vsubpd zmm7, zmm8, qword ptr [rax+rcx*1]{1to8}
{evex} vsubpd zmm15, zmm7, [rdi+8]
{evex} vsubpd zmm15, zmm7, qword ptr [rdi+8]{1to8}
{evex} vsubpd zmm8, zmm15, [rdi+64]
{evex} vsubpd zmm8, zmm15, qword ptr [rdi+64]{1to8}
{evex} vsubpd zmm3, zmm12, [rdi-128]
{evex} vsubpd zmm3, zmm12, qword ptr [rdi-128]{1to8}
{evex} vsubpd zmm16, zmm31, [rdi+127]
{evex} vsubpd zmm16, zmm31, qword ptr [rdi+127]{1to8}
{evex} vsubpd zmm31, zmm8, [rdi+128]
{evex} vsubpd zmm31, zmm8, qword ptr [rdi+128]{1to8}
{evex} vsubpd zmm8, zmm16, [rdi+8128]
{evex} vsubpd zmm8, zmm16, qword ptr [rdi+8128]{1to8}
{evex} vsubpd zmm0, zmm1, [rdi+8192]
{evex} vsubpd zmm0, zmm1, qword ptr [rdi+8192]{1to8}
{evex} vsubpd zmm7, zmm8, [rdi-8192]
{evex} vsubpd zmm7, zmm8, qword ptr [rdi-8192]{1to8}
{evex} vsubpd zmm15, zmm7, [rdi-8200]
{evex} vsubpd zmm15, zmm7, qword ptr [rdi-8200]{1to8}
{evex} vsubpd zmm8, zmm15, [r8+4]
{evex} vsubpd zmm8, zmm15, qword ptr [r8+4]{1to8}
{evex} vsubpd zmm3, zmm12, [r12]
{evex} vsubpd zmm3, zmm12, qword ptr [r12]{1to8}
{evex} vsubpd zmm16, zmm31, [r13]
{evex} vsubpd zmm16, zmm31, qword ptr [r13]{1to8}
{evex} vsubpd zmm31, zmm8, [rbp]
{evex} vsubpd zmm31, zmm8, qword ptr [rbp]{1to8}
{evex} vsubpd zmm8, zmm16, [r15+r14*8+512]
{evex} vsubpd zmm8, zmm16, qword ptr [r15+r14*8+512]{1to8}
{evex} vsubpd zmm0, zmm1, [r12+r9*2+100]
{evex} vsubpd zmm0, zmm1, qword ptr [r12+r9*2+100]{1to8}
{evex} vsubpd zmm7, zmm8, [rdi+rdx*4+32]
{evex} vsubpd zmm7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vsubpd zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vsubpd zmm15, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vsubpd zmm8, zmm15, [r13+r8*4]
{evex} vsubpd zmm8, zmm15, qword ptr [r13+r8*4]{1to8}
{evex} vminpd zmm0, zmm1, zmm2
{evex} vminpd zmm7, zmm8, zmm15
{evex} vminpd zmm15, zmm7, zmm8
{evex} vminpd zmm8, zmm15, zmm7
{evex} vminpd zmm3, zmm12, zmm5
{evex} vminpd zmm16, zmm31, zmm24
{evex} vminpd zmm31, zmm8, zmm16
{evex} vminpd zmm8, zmm16, zmm31
{evex} vminpd zmm0, zmm1, [rdi]
{evex} vminpd zmm0, zmm1, qword ptr [rdi]{1to8}
{evex} vminpd zmm7, zmm8, [rax+rcx*1]
{evex} vminpd zmm7, zmm8, qword ptr [rax+rcx*1]{1to8}
{evex} vminpd zmm15, zmm7, [rdi+8]
{evex} vminpd zmm15, zmm7, qword ptr [rdi+8]{1to8}
{evex} vminpd zmm8, zmm15, [rdi+64]
{evex} vminpd zmm8, zmm15, qword ptr [rdi+64]{1to8}
{evex} vminpd zmm3, zmm12, [rdi-128]
{evex} vminpd zmm3, zmm12, qword ptr [rdi-128]{1to8}
{evex} vminpd zmm16, zmm31, [rdi+127]
{evex} vminpd zmm16, zmm31, qword ptr [rdi+127]{1to8}
{evex} vminpd zmm31, zmm8, [rdi+128]
{evex} vminpd zmm31, zmm8, qword ptr [rdi+128]{1to8}
{evex} vminpd zmm8, zmm16, [rdi+8128]
{evex} vminpd zmm8, zmm16, qword ptr [rdi+8128]{1to8}
{evex} vminpd zmm0, zmm1, [rdi+8192]
{evex} vminpd zmm0, zmm1, qword ptr [rdi+8192]{1to8}
{evex} vminpd zmm7, zmm8, [rdi-8192]
{evex} vminpd zmm7, zmm8, qword ptr [rdi-8192]{1to8}
{evex} vminpd zmm15, zmm7, [rdi-8200]
{evex} vminpd zmm15, zmm7, qword ptr [rdi-8200]{1to8}
{evex} vminpd zmm8, zmm15, [r8+4]
{evex} vminpd zmm8, zmm15, qword ptr [r8+4]{1to8}
{evex} vminpd zmm3, zmm12, [r12]
{evex} vminpd zmm3, zmm12, qword ptr [r12]{1to8}
{evex} vminpd zmm16, zmm31, [r13]
{evex} vminpd zmm16, zmm31, qword ptr [r13]{1to8}
{evex} vminpd zmm31, zmm8, [rbp]
{evex} vminpd zmm31, zmm8, qword ptr [rbp]{1to8}
{evex} vminpd zmm8, zmm16, [r15+r14*8+512]
{evex} vminpd zmm8, zmm16, qword ptr [r15+r14*8+512]{1to8}
{evex} vminpd zmm0, zmm1, [r12+r9*2+100]
{evex} vminpd zmm0, zmm1, qword ptr [r12+r9*2+100]{1to8}
{evex} vminpd zmm7, zmm8, [rdi+rdx*4+32]
{evex} vminpd zmm7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vminpd zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vminpd zmm15, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vminpd zmm8, zmm15, [r13+r8*4]
{evex} vminpd zmm8, zmm15, qword ptr [r13+r8*4]{1to8}
{evex} vdivpd zmm0, zmm1, zmm2
{evex} vdivpd zmm7, zmm8, zmm15
{evex} vdivpd zmm15, zmm7, zmm8
{evex} vdivpd zmm8, zmm15, zmm7
{evex} vdivpd zmm3, zmm12, zmm5
{evex} vdivpd zmm16, zmm31, zmm24
{evex} vdivpd zmm31, zmm8, zmm16
{evex} vdivpd zmm8, zmm16, zmm31
{evex} vdivpd zmm0, zmm1, [rdi]
{evex} vdivpd zmm0, zmm1, qword ptr [rdi]{1to8}
{evex} vdivpd zmm7, zmm8, [rax+rcx*1]
{evex} vdivpd zmm7, zmm8, qword ptr [rax+rcx*1]{1to8}
{evex} vdivpd zmm15, zmm7, [rdi+8]
{evex} vdivpd zmm15, zmm7, qword ptr [rdi+8]{1to8}
{evex} vdivpd zmm8, zmm15, [rdi+64]
{evex} vdivpd zmm8, zmm15, qword ptr [rdi+64]{1to8}
{evex} vdivpd zmm3, zmm12, [rdi-128]
{evex} vdivpd zmm3, zmm12, qword ptr [rdi-128]{1to8}
{evex} vdivpd zmm16, zmm31, [rdi+127]
{evex} vdivpd zmm16, zmm31, qword ptr [rdi+127]{1to8}
{evex} vdivpd zmm31, zmm8, [rdi+128]
{evex} vdivpd zmm31, zmm8, qword ptr [rdi+128]{1to8}
{evex} vdivpd zmm8, zmm16, [rdi+8128]
{evex} vdivpd zmm8, zmm16, qword ptr [rdi+8128]{1to8}
{evex} vdivpd zmm0, zmm1, [rdi+8192]
{evex} vdivpd zmm0, zmm1, qword ptr [rdi+8192]{1to8}
{evex} vdivpd zmm7, zmm8, [rdi-8192]
{evex} vdivpd zmm7, zmm8, qword ptr [rdi-8192]{1to8}
{evex} vdivpd zmm15, zmm7, [rdi-8200]
{evex} vdivpd zmm15, zmm7, qword ptr [rdi-8200]{1to8}
{evex} vdivpd zmm8, zmm15, [r8+4]
{evex} vdivpd zmm8, zmm15, qword ptr [r8+4]{1to8}
{evex} vdivpd zmm3, zmm12, [r12]
{evex} vdivpd zmm3, zmm12, qword ptr [r12]{1to8}
{evex} vdivpd zmm16, zmm31, [r13]
{evex} vdivpd zmm16, zmm31, qword ptr [r13]{1to8}
{evex} vdivpd zmm31, zmm8, [rbp]
{evex} vdivpd zmm31, zmm8, qword ptr [rbp]{1to8}
{evex} vdivpd zmm8, zmm16, [r15+r14*8+512]
{evex} vdivpd zmm8, zmm16, qword ptr [r15+r14*8+512]{1to8}
{evex} vdivpd zmm0, zmm1, [r12+r9*2+100]
{evex} vdivpd zmm0, zmm1, qword ptr [r12+r9*2+100]{1to8}
{evex} vdivpd zmm7, zmm8, [rdi+rdx*4+32]
{evex} vdivpd zmm7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vdivpd zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vdivpd zmm15, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vdivpd zmm8, zmm15, [r13+r8*4]
{evex} vdivpd zmm8, zmm15, qword ptr [r13+r8*4]{1to8}
{evex} vmaxpd zmm0, zmm1, zmm2
{evex} vmaxpd zmm7, zmm8, zmm15
{evex} vmaxpd zmm15, zmm7, zmm8
{evex} vmaxpd zmm8, zmm15, zmm7
{evex} vmaxpd zmm3, zmm12, zmm5
{evex} vmaxpd zmm16, zmm31, zmm24
{evex} vmaxpd zmm31, zmm8, zmm16
{evex} vmaxpd zmm8, zmm16, zmm31
{evex} vmaxpd zmm0, zmm1, [rdi]
{evex} vmaxpd zmm0, zmm1, qword ptr [rdi]{1to8}
{evex} vmaxpd zmm7, zmm8, [rax+rcx*1]
{evex} vmaxpd zmm7, zmm8, qword ptr [rax+rcx*1]{1to8}
{evex} vmaxpd zmm15, zmm7, [rdi+8]
{evex} vmaxpd zmm15, zmm7, qword ptr [rdi+8]{1to8}
{evex} vmaxpd zmm8, zmm15, [rdi+64]
{evex} vmaxpd zmm8, zmm15, qword ptr [rdi+64]{1to8}
{evex} vmaxpd zmm3, zmm12, [rdi-128]
{evex} vmaxpd zmm3, zmm12, qword ptr [rdi-128]{1to8}
{evex} vmaxpd zmm16, zmm31, [rdi+127]
{evex} vmaxpd zmm16, zmm31, qword ptr [rdi+127]{1to8}
{evex} vmaxpd zmm31, zmm8, [rdi+128]
{evex} vmaxpd zmm31, zmm8, qword ptr [rdi+128]{1to8}
{evex} vmaxpd zmm8, zmm16, [rdi+8128]
{evex} vmaxpd zmm8, zmm16, qword ptr [rdi+8128]{1to8}
{evex} vmaxpd zmm0, zmm1, [rdi+8192]
{evex} vmaxpd zmm0, zmm1, qword ptr [rdi+8192]{1to8}
{evex} vmaxpd zmm7, zmm8, [rdi-8192]
{evex} vmaxpd zmm7, zmm8, qword ptr [rdi-8192]{1to8}
{evex} vmaxpd zmm15, zmm7, [rdi-8200]
{evex} vmaxpd zmm15, zmm7, qword ptr [rdi-8200]{1to8}
{evex} vmaxpd zmm8, zmm15, [r8+4]
{evex} vmaxpd zmm8, zmm15, qword ptr [r8+4]{1to8}
{evex} vmaxpd zmm3, zmm12, [r12]
{evex} vmaxpd zmm3, zmm12, qword ptr [r12]{1to8}
{evex} vmaxpd zmm16, zmm31, [r13]
{evex} vmaxpd zmm16, zmm31, qword ptr [r13]{1to8}
{evex} vmaxpd zmm31, zmm8, [rbp]
{evex} vmaxpd zmm31, zmm8, qword ptr [rbp]{1to8}
{evex} vmaxpd zmm8, zmm16, [r15+r14*8+512]
{evex} vmaxpd zmm8, zmm16, qword ptr [r15+r14*8+512]{1to8}
{evex} vmaxpd zmm0, zmm1, [r12+r9*2+100]
{evex} vmaxpd zmm0, zmm1, qword ptr [r12+r9*2+100]{1to8}
{evex} vmaxpd zmm7, zmm8, [rdi+rdx*4+32]
{evex} vmaxpd zmm7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vmaxpd zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vmaxpd zmm15, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vmaxpd zmm8, zmm15, [r13+r8*4]
{evex} vmaxpd zmm8, zmm15, qword ptr [r13+r8*4]{1to8}
{evex} vandpd zmm0, zmm1, zmm2
{evex} vandpd zmm7, zmm8, zmm15
{evex} vandpd zmm15, zmm7, zmm8
{evex} vandpd zmm8, zmm15, zmm7
{evex} vandpd zmm3, zmm12, zmm5
{evex} vandpd zmm16, zmm31, zmm24
{evex} vandpd zmm31, zmm8, zmm16
{evex} vandpd zmm8, zmm16, zmm31
{evex} vandpd zmm0, zmm1, [rdi]
{evex} vandpd zmm0, zmm1, qword ptr [rdi]{1to8}
{evex} vandpd zmm7, zmm8, [rax+rcx*1]
{evex} vandpd zmm7, zmm8, qword ptr [rax+rcx*1]{1to8}
{evex} vandpd zmm15, zmm7, [rdi+8]
{evex} vandpd zmm15, zmm7, qword ptr [rdi+8]{1to8}
{evex} vandpd zmm8, zmm15, [rdi+64]
{evex} vandpd zmm8, zmm15, qword ptr [rdi+64]{1to8}
{evex} vandpd zmm3, zmm12, [rdi-128]
{evex} vandpd zmm3, zmm12, qword ptr [rdi-128]{1to8}
{evex} vandpd zmm16, zmm31, [rdi+127]
{evex} vandpd zmm16, zmm31, qword ptr [rdi+127]{1to8}
{evex} vandpd zmm31, zmm8, [rdi+128]
{evex} vandpd zmm31, zmm8, qword ptr [rdi+128]{1to8}
{evex} vandpd zmm8, zmm16, [rdi+8128]
{evex} vandpd zmm8, zmm16, qword ptr [rdi+8128]{1to8}
{evex} vandpd zmm0, zmm1, [rdi+8192]
{evex} vandpd zmm0, zmm1, qword ptr [rdi+8192]{1to8}
{evex} vandpd zmm7, zmm8, [rdi-8192]
{evex} vandpd zmm7, zmm8, qword ptr [rdi-8192]{1to8}
{evex} vandpd zmm15, zmm7, [rdi-8200]
{evex} vandpd zmm15, zmm7, qword ptr [rdi-8200]{1to8}
{evex} vandpd zmm8, zmm15, [r8+4]
{evex} vandpd zmm8, zmm15, qword ptr [r8+4]{1to8}
{evex} vandpd zmm3, zmm12, [r12]
{evex} vandpd zmm3, zmm12, qword ptr [r12]{1to8}
{evex} vandpd zmm16, zmm31, [r13]
{evex} vandpd zmm16, zmm31, qword ptr [r13]{1to8}
{evex} vandpd zmm31, zmm8, [rbp]
{evex} vandpd zmm31, zmm8, qword ptr [rbp]{1to8}
{evex} vandpd zmm8, zmm16, [r15+r14*8+512]
{evex} vandpd zmm8, zmm16, qword ptr [r15+r14*8+512]{1to8}
{evex} vandpd zmm0, zmm1, [r12+r9*2+100]
{evex} vandpd zmm0, zmm1, qword ptr [r12+r9*2+100]{1to8}
{evex} vandpd zmm7, zmm8, [rdi+rdx*4+32]
{evex} vandpd zmm7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vandpd zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vandpd zmm15, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vandpd zmm8, zmm15, [r13+r8*4]
{evex} vandpd zmm8, zmm15, qword ptr [r13+r8*4]{1to8}
{evex} vorpd zmm0, zmm1, zmm2
{evex} vorpd zmm7, zmm8, zmm15
{evex} vorpd zmm15, zmm7, zmm8
{evex} vorpd zmm8, zmm15, zmm7
{evex} vorpd zmm3, zmm12, zmm5
{evex} vorpd zmm16, zmm31, zmm24
{evex} vorpd zmm31, zmm8, zmm16
{evex} vorpd zmm8, zmm16, zmm31
{evex} vorpd zmm0, zmm1, [rdi]
{evex} vorpd zmm0, zmm1, qword ptr [rdi]{1to8}
{evex} vorpd zmm7, zmm8, [rax+rcx*1]
{evex} vorpd zmm7, zmm8, qword ptr [rax+rcx*1]{1to8}
{evex} vorpd zmm15, zmm7, [rdi+8]
{evex} vorpd zmm15, zmm7, qword ptr [rdi+8]{1to8}
{evex} vorpd zmm8, zmm15, [rdi+64]
{evex} vorpd zmm8, zmm15, qword ptr [rdi+64]{1to8}
{evex} vorpd zmm3, zmm12, [rdi-128]
{evex} vorpd zmm3, zmm12, qword ptr [rdi-128]{1to8}
{evex} vorpd zmm16, zmm31, [rdi+127]
{evex} vorpd zmm16, zmm31, qword ptr [rdi+127]{1to8}
{evex} vorpd zmm31, zmm8, [rdi+128]
{evex} vorpd zmm31, zmm8, qword ptr [rdi+128]{1to8}
{evex} vorpd zmm8, zmm16, [rdi+8128]
{evex} vorpd zmm8, zmm16, qword ptr [rdi+8128]{1to8}
{evex} vorpd zmm0, zmm1, [rdi+8192]
{evex} vorpd zmm0, zmm1, qword ptr [rdi+8192]{1to8}
{evex} vorpd zmm7, zmm8, [rdi-8192]
{evex} vorpd zmm7, zmm8, qword ptr [rdi-8192]{1to8}
{evex} vorpd zmm15, zmm7, [rdi-8200]
{evex} vorpd zmm15, zmm7, qword ptr [rdi-8200]{1to8}
{evex} vorpd zmm8, zmm15, [r8+4]
{evex} vorpd zmm8, zmm15, qword ptr [r8+4]{1to8}
{evex} vorpd zmm3, zmm12, [r12]
{evex} vorpd zmm3, zmm12, qword ptr [r12]{1to8}
{evex} vorpd zmm16, zmm31, [r13]
{evex} vorpd zmm16, zmm31, qword ptr [r13]{1to8}
{evex} vorpd zmm31, zmm8, [rbp]
{evex} vorpd zmm31, zmm8, qword ptr [rbp]{1to8}
{evex} vorpd zmm8, zmm16, [r15+r14*8+512]
{evex} vorpd zmm8, zmm16, qword ptr [r15+r14*8+512]{1to8}
{evex} vorpd zmm0, zmm1, [r12+r9*2+100]
{evex} vorpd zmm0, zmm1, qword ptr [r12+r9*2+100]{1to8}
{evex} vorpd zmm7, zmm8, [rdi+rdx*4+32]
{evex} vorpd zmm7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vorpd zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vorpd zmm15, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vorpd zmm8, zmm15, [r13+r8*4]
{evex} vorpd zmm8, zmm15, qword ptr [r13+r8*4]{1to8}
{evex} vxorpd zmm0, zmm1, zmm2
{evex} vxorpd zmm7, zmm8, zmm15
{evex} vxorpd zmm15, zmm7, zmm8
{evex} vxorpd zmm8, zmm15, zmm7
{evex} vxorpd zmm3, zmm12, zmm5
{evex} vxorpd zmm16, zmm31, zmm24
{evex} vxorpd zmm31, zmm8, zmm16
{evex} vxorpd zmm8, zmm16, zmm31
{evex} vxorpd zmm0, zmm1, [rdi]
{evex} vxorpd zmm0, zmm1, qword ptr [rdi]{1to8}
{evex} vxorpd zmm7, zmm8, [rax+rcx*1]
{evex} vxorpd zmm7, zmm8, qword ptr [rax+rcx*1]{1to8}
{evex} vxorpd zmm15, zmm7, [rdi+8]
{evex} vxorpd zmm15, zmm7, qword ptr [rdi+8]{1to8}
{evex} vxorpd zmm8, zmm15, [rdi+64]
{evex} vxorpd zmm8, zmm15, qword ptr [rdi+64]{1to8}
{evex} vxorpd zmm3, zmm12, [rdi-128]
{evex} vxorpd zmm3, zmm12, qword ptr [rdi-128]{1to8}
{evex} vxorpd zmm16, zmm31, [rdi+127]
{evex} vxorpd zmm16, zmm31, qword ptr [rdi+127]{1to8}
{evex} vxorpd zmm31, zmm8, [rdi+128]
{evex} vxorpd zmm31, zmm8, qword ptr [rdi+128]{1to8}
{evex} vxorpd zmm8, zmm16, [rdi+8128]
{evex} vxorpd zmm8, zmm16, qword ptr [rdi+8128]{1to8}
{evex} vxorpd zmm0, zmm1, [rdi+8192]
{evex} vxorpd zmm0, zmm1, qword ptr [rdi+8192]{1to8}
{evex} vxorpd zmm7, zmm8, [rdi-8192]
{evex} vxorpd zmm7, zmm8, qword ptr [rdi-8192]{1to8}
{evex} vxorpd zmm15, zmm7, [rdi-8200]
{evex} vxorpd zmm15, zmm7, qword ptr [rdi-8200]{1to8}
{evex} vxorpd zmm8, zmm15, [r8+4]
{evex} vxorpd zmm8, zmm15, qword ptr [r8+4]{1to8}
{evex} vxorpd zmm3, zmm12, [r12]
{evex} vxorpd zmm3, zmm12, qword ptr [r12]{1to8}
{evex} vxorpd zmm16, zmm31, [r13]
{evex} vxorpd zmm16, zmm31, qword ptr [r13]{1to8}
{evex} vxorpd zmm31, zmm8, [rbp]
{evex} vxorpd zmm31, zmm8, qword ptr [rbp]{1to8}
{evex} vxorpd zmm8, zmm16, [r15+r14*8+512]
{evex} vxorpd zmm8, zmm16, qword ptr [r15+r14*8+512]{1to8}
{evex} vxorpd zmm0, zmm1, [r12+r9*2+100]
{evex} vxorpd zmm0, zmm1, qword ptr [r12+r9*2+100]{1to8}
{evex} vxorpd zmm7, zmm8, [rdi+rdx*4+32]
{evex} vxorpd zmm7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vxorpd zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vxorpd zmm15, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vxorpd zmm8, zmm15, [r13+r8*4]
{evex} vxorpd zmm8, zmm15, qword ptr [r13+r8*4]{1to8}
{evex} vsqrtpd zmm0, zmm2
{evex} vsqrtpd zmm7, zmm15
{evex} vsqrtpd zmm15, zmm8
{evex} vsqrtpd zmm8, zmm7
{evex} vsqrtpd zmm3, zmm5
{evex} vsqrtpd zmm16, zmm24
{evex} vsqrtpd zmm31, zmm16
{evex} vsqrtpd zmm8, zmm31
{evex} vsqrtpd zmm0, [rdi]
{evex} vsqrtpd zmm0, qword ptr [rdi]{1to8}
{evex} vsqrtpd zmm7, [rax+rcx*1]
{evex} vsqrtpd zmm7, qword ptr [rax+rcx*1]{1to8}
{evex} vsqrtpd zmm15, [rdi+8]
{evex} vsqrtpd zmm15, qword ptr [rdi+8]{1to8}
{evex} vsqrtpd zmm8, [rdi+64]
{evex} vsqrtpd zmm8, qword ptr [rdi+64]{1to8}
{evex} vsqrtpd zmm3, [rdi-128]
{evex} vsqrtpd zmm3, qword ptr [rdi-128]{1to8}
{evex} vsqrtpd zmm16, [rdi+127]
{evex} vsqrtpd zmm16, qword ptr [rdi+127]{1to8}
{evex} vsqrtpd zmm31, [rdi+128]
{evex} vsqrtpd zmm31, qword ptr [rdi+128]{1to8}
{evex} vsqrtpd zmm8, [rdi+8128]
{evex} vsqrtpd zmm8, qword ptr [rdi+8128]{1to8}
{evex} vsqrtpd zmm0, [rdi+8192]
{evex} vsqrtpd zmm0, qword ptr [rdi+8192]{1to8}
{evex} vsqrtpd zmm7, [rdi-8192]
{evex} vsqrtpd zmm7, qword ptr [rdi-8192]{1to8}
{evex} vsqrtpd zmm15, [rdi-8200]
{evex} vsqrtpd zmm15, qword ptr [rdi-8200]{1to8}
{evex} vsqrtpd zmm8, [r8+4]
{evex} vsqrtpd zmm8, qword ptr [r8+4]{1to8}
{evex} vsqrtpd zmm3, [r12]
{evex} vsqrtpd zmm3, qword ptr [r12]{1to8}
{evex} vsqrtpd zmm16, [r13]
{evex} vsqrtpd zmm16, qword ptr [r13]{1to8}
{evex} vsqrtpd zmm31, [rbp]
{evex} vsqrtpd zmm31, qword ptr [rbp]{1to8}
{evex} vsqrtpd zmm8, [r15+r14*8+512]
{evex} vsqrtpd zmm8, qword ptr [r15+r14*8+512]{1to8}
{evex} vsqrtpd zmm0, [r12+r9*2+100]
{evex} vsqrtpd zmm0, qword ptr [r12+r9*2+100]{1to8}
{evex} vsqrtpd zmm7, [rdi+rdx*4+32]
{evex} vsqrtpd zmm7, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vsqrtpd zmm15, [rdi+rdx*8+1000]
{evex} vsqrtpd zmm15, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vsqrtpd zmm8, [r13+r8*4]
{evex} vsqrtpd zmm8, qword ptr [r13+r8*4]{1to8}
{evex} vmovapd zmm0, zmm2
{evex} vmovapd zmm7, zmm15
{evex} vmovapd zmm15, zmm8
{evex} vmovapd zmm8, zmm7
{evex} vmovapd zmm3, zmm5
{evex} vmovapd zmm16, zmm24
{evex} vmovapd zmm31, zmm16
{evex} vmovapd zmm8, zmm31
{evex} vmovapd zmm0, [rdi]
{evex} vmovapd zmm7, [rax+rcx*1]
{evex} vmovapd zmm15, [rdi+8]
{evex} vmovapd zmm8, [rdi+64]
{evex} vmovapd zmm3, [rdi-128]
{evex} vmovapd zmm16, [rdi+127]
{evex} vmovapd zmm31, [rdi+128]
{evex} vmovapd zmm8, [rdi+8128]
{evex} vmovapd zmm0, [rdi+8192]
{evex} vmovapd zmm7, [rdi-8192]
{evex} vmovapd zmm15, [rdi-8200]
{evex} vmovapd zmm8, [r8+4]
{evex} vmovapd zmm3, [r12]
{evex} vmovapd zmm16, [r13]
{evex} vmovapd zmm31, [rbp]
{evex} vmovapd zmm8, [r15+r14*8+512]
{evex} vmovapd zmm0, [r12+r9*2+100]
{evex} vmovapd zmm7, [rdi+rdx*4+32]
{evex} vmovapd zmm15, [rdi+rdx*8+1000]
{evex} vmovapd zmm8, [r13+r8*4]
{evex} vmovupd zmm0, [rdi]
{evex} vmovupd zmm7, [rax+rcx*1]
{evex} vmovupd zmm15, [rdi+8]
{evex} vmovupd zmm8, [rdi+64]
{evex} vmovupd zmm3, [rdi-128]
{evex} vmovupd zmm16, [rdi+127]
{evex} vmovupd zmm31, [rdi+128]
{evex} vmovupd zmm8, [rdi+8128]
{evex} vmovupd zmm0, [rdi+8192]
{evex} vmovupd zmm7, [rdi-8192]
{evex} vmovupd zmm15, [rdi-8200]
{evex} vmovupd zmm8, [r8+4]
{evex} vmovupd zmm3, [r12]
{evex} vmovupd zmm16, [r13]
{evex} vmovupd zmm31, [rbp]
{evex} vmovupd zmm8, [r15+r14*8+512]
{evex} vmovupd zmm0, [r12+r9*2+100]
{evex} vmovupd zmm7, [rdi+rdx*4+32]
{evex} vmovupd zmm15, [rdi+rdx*8+1000]
{evex} vmovupd zmm8, [r13+r8*4]
{evex} vmovupd [rdi], zmm0
{evex} vmovupd [rax+rcx*1], zmm7
{evex} vmovupd [rdi+8], zmm15
{evex} vmovupd [rdi+64], zmm8
{evex} vmovupd [rdi-128], zmm3
{evex} vmovupd [rdi+127], zmm16
{evex} vmovupd [rdi+128], zmm31
{evex} vmovupd [rdi+8128], zmm8
{evex} vmovupd [rdi+8192], zmm0
{evex} vmovupd [rdi-8192], zmm7
{evex} vmovupd [rdi-8200], zmm15
{evex} vmovupd [r8+4], zmm8
{evex} vmovupd [r12], zmm3
{evex} vmovupd [r13], zmm16
{evex} vmovupd [rbp], zmm31
{evex} vmovupd [r15+r14*8+512], zmm8
{evex} vmovupd [r12+r9*2+100], zmm0
{evex} vmovupd [rdi+rdx*4+32], zmm7
{evex} vmovupd [rdi+rdx*8+1000], zmm15
{evex} vmovupd [r13+r8*4], zmm8
{evex} vbroadcastsd zmm0, [rdi]
{evex} vbroadcastsd zmm7, [rax+rcx*1]
{evex} vbroadcastsd zmm15, [rdi+8]
{evex} vbroadcastsd zmm8, [rdi+64]
{evex} vbroadcastsd zmm3, [rdi-128]
{evex} vbroadcastsd zmm16, [rdi+127]
{evex} vbroadcastsd zmm31, [rdi+128]
{evex} vbroadcastsd zmm8, [rdi+8128]
{evex} vbroadcastsd zmm0, [rdi+8192]
{evex} vbroadcastsd zmm7, [rdi-8192]
{evex} vbroadcastsd zmm15, [rdi-8200]
{evex} vbroadcastsd zmm8, [r8+4]
{evex} vbroadcastsd zmm3, [r12]
{evex} vbroadcastsd zmm16, [r13]
{evex} vbroadcastsd zmm31, [rbp]
{evex} vbroadcastsd zmm8, [r15+r14*8+512]
{evex} vbroadcastsd zmm0, [r12+r9*2+100]
{evex} vbroadcastsd zmm7, [rdi+rdx*4+32]
{evex} vbroadcastsd zmm15, [rdi+rdx*8+1000]
{evex} vbroadcastsd zmm8, [r13+r8*4]
{evex} vfmadd213pd zmm0, zmm1, zmm2
{evex} vfmadd213pd zmm7, zmm8, zmm15
{evex} vfmadd213pd zmm15, zmm7, zmm8
{evex} vfmadd213pd zmm8, zmm15, zmm7
{evex} vfmadd213pd zmm3, zmm12, zmm5
{evex} vfmadd213pd zmm16, zmm31, zmm24
{evex} vfmadd213pd zmm31, zmm8, zmm16
{evex} vfmadd213pd zmm8, zmm16, zmm31
{evex} vfmadd213pd zmm0, zmm1, [rdi]
{evex} vfmadd213pd zmm0, zmm1, qword ptr [rdi]{1to8}
{evex} vfmadd213pd zmm7, zmm8, [rax+rcx*1]
{evex} vfmadd213pd zmm7, zmm8, qword ptr [rax+rcx*1]{1to8}
{evex} vfmadd213pd zmm15, zmm7, [rdi+8]
{evex} vfmadd213pd zmm15, zmm7, qword ptr [rdi+8]{1to8}
{evex} vfmadd213pd zmm8, zmm15, [rdi+64]
{evex} vfmadd213pd zmm8, zmm15, qword ptr [rdi+64]{1to8}
{evex} vfmadd213pd zmm3, zmm12, [rdi-128]
{evex} vfmadd213pd zmm3, zmm12, qword ptr [rdi-128]{1to8}
{evex} vfmadd213pd zmm16, zmm31, [rdi+127]
{evex} vfmadd213pd zmm16, zmm31, qword ptr [rdi+127]{1to8}
{evex} vfmadd213pd zmm31, zmm8, [rdi+128]
{evex} vfmadd213pd zmm31, zmm8, qword ptr [rdi+128]{1to8}
{evex} vfmadd213pd zmm8, zmm16, [rdi+8128]
{evex} vfmadd213pd zmm8, zmm16, qword ptr [rdi+8128]{1to8}
{evex} vfmadd213pd zmm0, zmm1, [rdi+8192]
{evex} vfmadd213pd zmm0, zmm1, qword ptr [rdi+8192]{1to8}
{evex} vfmadd213pd zmm7, zmm8, [rdi-8192]
{evex} vfmadd213pd zmm7, zmm8, qword ptr [rdi-8192]{1to8}
{evex} vfmadd213pd zmm15, zmm7, [rdi-8200]
{evex} vfmadd213pd zmm15, zmm7, qword ptr [rdi-8200]{1to8}
{evex} vfmadd213pd zmm8, zmm15, [r8+4]
{evex} vfmadd213pd zmm8, zmm15, qword ptr [r8+4]{1to8}
{evex} vfmadd213pd zmm3, zmm12, [r12]
{evex} vfmadd213pd zmm3, zmm12, qword ptr [r12]{1to8}
{evex} vfmadd213pd zmm16, zmm31, [r13]
{evex} vfmadd213pd zmm16, zmm31, qword ptr [r13]{1to8}
{evex} vfmadd213pd zmm31, zmm8, [rbp]
{evex} vfmadd213pd zmm31, zmm8, qword ptr [rbp]{1to8}
{evex} vfmadd213pd zmm8, zmm16, [r15+r14*8+512]
{evex} vfmadd213pd zmm8, zmm16, qword ptr [r15+r14*8+512]{1to8}
{evex} vfmadd213pd zmm0, zmm1, [r12+r9*2+100]
{evex} vfmadd213pd zmm0, zmm1, qword ptr [r12+r9*2+100]{1to8}
{evex} vfmadd213pd zmm7, zmm8, [rdi+rdx*4+32]
{evex} vfmadd213pd zmm7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vfmadd213pd zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vfmadd213pd zmm15, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vfmadd213pd zmm8, zmm15, [r13+r8*4]
{evex} vfmadd213pd zmm8, zmm15, qword ptr [r13+r8*4]{1to8}
{evex} vfmadd231pd zmm0, zmm1, zmm2
{evex} vfmadd231pd zmm7, zmm8, zmm15
{evex} vfmadd231pd zmm15, zmm7, zmm8
{evex} vfmadd231pd zmm8, zmm15, zmm7
{evex} vfmadd231pd zmm3, zmm12, zmm5
{evex} vfmadd231pd zmm16, zmm31, zmm24
{evex} vfmadd231pd zmm31, zmm8, zmm16
{evex} vfmadd231pd zmm8, zmm16, zmm31
{evex} vfmadd231pd zmm0, zmm1, [rdi]
{evex} vfmadd231pd zmm0, zmm1, qword ptr [rdi]{1to8}
{evex} vfmadd231pd zmm7, zmm8, [rax+rcx*1]
{evex} vfmadd231pd zmm7, zmm8, qword ptr [rax+rcx*1]{1to8}
{evex} vfmadd231pd zmm15, zmm7, [rdi+8]
{evex} vfmadd231pd zmm15, zmm7, qword ptr [rdi+8]{1to8}
{evex} vfmadd231pd zmm8, zmm15, [rdi+64]
{evex} vfmadd231pd zmm8, zmm15, qword ptr [rdi+64]{1to8}
{evex} vfmadd231pd zmm3, zmm12, [rdi-128]
{evex} vfmadd231pd zmm3, zmm12, qword ptr [rdi-128]{1to8}
{evex} vfmadd231pd zmm16, zmm31, [rdi+127]
{evex} vfmadd231pd zmm16, zmm31, qword ptr [rdi+127]{1to8}
{evex} vfmadd231pd zmm31, zmm8, [rdi+128]
{evex} vfmadd231pd zmm31, zmm8, qword ptr [rdi+128]{1to8}
{evex} vfmadd231pd zmm8, zmm16, [rdi+8128]
{evex} vfmadd231pd zmm8, zmm16, qword ptr [rdi+8128]{1to8}
{evex} vfmadd231pd zmm0, zmm1, [rdi+8192]
{evex} vfmadd231pd zmm0, zmm1, qword ptr [rdi+8192]{1to8}
{evex} vfmadd231pd zmm7, zmm8, [rdi-8192]
{evex} vfmadd231pd zmm7, zmm8, qword ptr [rdi-8192]{1to8}
{evex} vfmadd231pd zmm15, zmm7, [rdi-8200]
{evex} vfmadd231pd zmm15, zmm7, qword ptr [rdi-8200]{1to8}
{evex} vfmadd231pd zmm8, zmm15, [r8+4]
{evex} vfmadd231pd zmm8, zmm15, qword ptr [r8+4]{1to8}
{evex} vfmadd231pd zmm3, zmm12, [r12]
{evex} vfmadd231pd zmm3, zmm12, qword ptr [r12]{1to8}
{evex} vfmadd231pd zmm16, zmm31, [r13]
{evex} vfmadd231pd zmm16, zmm31, qword ptr [r13]{1to8}
{evex} vfmadd231pd zmm31, zmm8, [rbp]
{evex} vfmadd231pd zmm31, zmm8, qword ptr [rbp]{1to8}
{evex} vfmadd231pd zmm8, zmm16, [r15+r14*8+512]
{evex} vfmadd231pd zmm8, zmm16, qword ptr [r15+r14*8+512]{1to8}
{evex} vfmadd231pd zmm0, zmm1, [r12+r9*2+100]
{evex} vfmadd231pd zmm0, zmm1, qword ptr [r12+r9*2+100]{1to8}
{evex} vfmadd231pd zmm7, zmm8, [rdi+rdx*4+32]
{evex} vfmadd231pd zmm7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vfmadd231pd zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vfmadd231pd zmm15, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vfmadd231pd zmm8, zmm15, [r13+r8*4]
{evex} vfmadd231pd zmm8, zmm15, qword ptr [r13+r8*4]{1to8}
{evex} vfmsub231pd zmm0, zmm1, zmm2
{evex} vfmsub231pd zmm7, zmm8, zmm15
{evex} vfmsub231pd zmm15, zmm7, zmm8
{evex} vfmsub231pd zmm8, zmm15, zmm7
{evex} vfmsub231pd zmm3, zmm12, zmm5
{evex} vfmsub231pd zmm16, zmm31, zmm24
{evex} vfmsub231pd zmm31, zmm8, zmm16
{evex} vfmsub231pd zmm8, zmm16, zmm31
{evex} vfmsub231pd zmm0, zmm1, [rdi]
{evex} vfmsub231pd zmm0, zmm1, qword ptr [rdi]{1to8}
{evex} vfmsub231pd zmm7, zmm8, [rax+rcx*1]
{evex} vfmsub231pd zmm7, zmm8, qword ptr [rax+rcx*1]{1to8}
{evex} vfmsub231pd zmm15, zmm7, [rdi+8]
{evex} vfmsub231pd zmm15, zmm7, qword ptr [rdi+8]{1to8}
{evex} vfmsub231pd zmm8, zmm15, [rdi+64]
{evex} vfmsub231pd zmm8, zmm15, qword ptr [rdi+64]{1to8}
{evex} vfmsub231pd zmm3, zmm12, [rdi-128]
{evex} vfmsub231pd zmm3, zmm12, qword ptr [rdi-128]{1to8}
{evex} vfmsub231pd zmm16, zmm31, [rdi+127]
{evex} vfmsub231pd zmm16, zmm31, qword ptr [rdi+127]{1to8}
{evex} vfmsub231pd zmm31, zmm8, [rdi+128]
{evex} vfmsub231pd zmm31, zmm8, qword ptr [rdi+128]{1to8}
{evex} vfmsub231pd zmm8, zmm16, [rdi+8128]
{evex} vfmsub231pd zmm8, zmm16, qword ptr [rdi+8128]{1to8}
{evex} vfmsub231pd zmm0, zmm1, [rdi+8192]
{evex} vfmsub231pd zmm0, zmm1, qword ptr [rdi+8192]{1to8}
{evex} vfmsub231pd zmm7, zmm8, [rdi-8192]
{evex} vfmsub231pd zmm7, zmm8, qword ptr [rdi-8192]{1to8}
{evex} vfmsub231pd zmm15, zmm7, [rdi-8200]
{evex} vfmsub231pd zmm15, zmm7, qword ptr [rdi-8200]{1to8}
{evex} vfmsub231pd zmm8, zmm15, [r8+4]
{evex} vfmsub231pd zmm8, zmm15, qword ptr [r8+4]{1to8}
{evex} vfmsub231pd zmm3, zmm12, [r12]
{evex} vfmsub231pd zmm3, zmm12, qword ptr [r12]{1to8}
{evex} vfmsub231pd zmm16, zmm31, [r13]
{evex} vfmsub231pd zmm16, zmm31, qword ptr [r13]{1to8}
{evex} vfmsub231pd zmm31, zmm8, [rbp]
{evex} vfmsub231pd zmm31, zmm8, qword ptr [rbp]{1to8}
{evex} vfmsub231pd zmm8, zmm16, [r15+r14*8+512]
{evex} vfmsub231pd zmm8, zmm16, qword ptr [r15+r14*8+512]{1to8}
{evex} vfmsub231pd zmm0, zmm1, [r12+r9*2+100]
{evex} vfmsub231pd zmm0, zmm1, qword ptr [r12+r9*2+100]{1to8}
{evex} vfmsub231pd zmm7, zmm8, [rdi+rdx*4+32]
{evex} vfmsub231pd zmm7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vfmsub231pd zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vfmsub231pd zmm15, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vfmsub231pd zmm8, zmm15, [r13+r8*4]
{evex} vfmsub231pd zmm8, zmm15, qword ptr [r13+r8*4]{1to8}
{evex} vfnmadd231pd zmm0, zmm1, zmm2
{evex} vfnmadd231pd zmm7, zmm8, zmm15
{evex} vfnmadd231pd zmm15, zmm7, zmm8
{evex} vfnmadd231pd zmm8, zmm15, zmm7
{evex} vfnmadd231pd zmm3, zmm12, zmm5
{evex} vfnmadd231pd zmm16, zmm31, zmm24
{evex} vfnmadd231pd zmm31, zmm8, zmm16
{evex} vfnmadd231pd zmm8, zmm16, zmm31
{evex} vfnmadd231pd zmm0, zmm1, [rdi]
{evex} vfnmadd231pd zmm0, zmm1, qword ptr [rdi]{1to8}
{evex} vfnmadd231pd zmm7, zmm8, [rax+rcx*1]
{evex} vfnmadd231pd zmm7, zmm8, qword ptr [rax+rcx*1]{1to8}
{evex} vfnmadd231pd zmm15, zmm7, [rdi+8]
{evex} vfnmadd231pd zmm15, zmm7, qword ptr [rdi+8]{1to8}
{evex} vfnmadd231pd zmm8, zmm15, [rdi+64]
{evex} vfnmadd231pd zmm8, zmm15, qword ptr [rdi+64]{1to8}
{evex} vfnmadd231pd zmm3, zmm12, [rdi-128]
{evex} vfnmadd231pd zmm3, zmm12, qword ptr [rdi-128]{1to8}
{evex} vfnmadd231pd zmm16, zmm31, [rdi+127]
{evex} vfnmadd231pd zmm16, zmm31, qword ptr [rdi+127]{1to8}
{evex} vfnmadd231pd zmm31, zmm8, [rdi+128]
{evex} vfnmadd231pd zmm31, zmm8, qword ptr [rdi+128]{1to8}
{evex} vfnmadd231pd zmm8, zmm16, [rdi+8128]
{evex} vfnmadd231pd zmm8, zmm16, qword ptr [rdi+8128]{1to8}
{evex} vfnmadd231pd zmm0, zmm1, [rdi+8192]
{evex} vfnmadd231pd zmm0, zmm1, qword ptr [rdi+8192]{1to8}
{evex} vfnmadd231pd zmm7, zmm8, [rdi-8192]
{evex} vfnmadd231pd zmm7, zmm8, qword ptr [rdi-8192]{1to8}
{evex} vfnmadd231pd zmm15, zmm7, [rdi-8200]
{evex} vfnmadd231pd zmm15, zmm7, qword ptr [rdi-8200]{1to8}
{evex} vfnmadd231pd zmm8, zmm15, [r8+4]
{evex} vfnmadd231pd zmm8, zmm15, qword ptr [r8+4]{1to8}
{evex} vfnmadd231pd zmm3, zmm12, [r12]
{evex} vfnmadd231pd zmm3, zmm12, qword ptr [r12]{1to8}
{evex} vfnmadd231pd zmm16, zmm31, [r13]
{evex} vfnmadd231pd zmm16, zmm31, qword ptr [r13]{1to8}
{evex} vfnmadd231pd zmm31, zmm8, [rbp]
{evex} vfnmadd231pd zmm31, zmm8, qword ptr [rbp]{1to8}
{evex} vfnmadd231pd zmm8, zmm16, [r15+r14*8+512]
{evex} vfnmadd231pd zmm8, zmm16, qword ptr [r15+r14*8+512]{1to8}
{evex} vfnmadd231pd zmm0, zmm1, [r12+r9*2+100]
{evex} vfnmadd231pd zmm0, zmm1, qword ptr [r12+r9*2+100]{1to8}
{evex} vfnmadd231pd zmm7, zmm8, [rdi+rdx*4+32]
{evex} vfnmadd231pd zmm7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vfnmadd231pd zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vfnmadd231pd zmm15, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vfnmadd231pd zmm8, zmm15, [r13+r8*4]
{evex} vfnmadd231pd zmm8, zmm15, qword ptr [r13+r8*4]{1to8}
{evex} vfnmsub231pd zmm0, zmm1, zmm2
{evex} vfnmsub231pd zmm7, zmm8, zmm15
{evex} vfnmsub231pd zmm15, zmm7, zmm8
{evex} vfnmsub231pd zmm8, zmm15, zmm7
{evex} vfnmsub231pd zmm3, zmm12, zmm5
{evex} vfnmsub231pd zmm16, zmm31, zmm24
{evex} vfnmsub231pd zmm31, zmm8, zmm16
{evex} vfnmsub231pd zmm8, zmm16, zmm31
{evex} vfnmsub231pd zmm0, zmm1, [rdi]
{evex} vfnmsub231pd zmm0, zmm1, qword ptr [rdi]{1to8}
{evex} vfnmsub231pd zmm7, zmm8, [rax+rcx*1]
{evex} vfnmsub231pd zmm7, zmm8, qword ptr [rax+rcx*1]{1to8}
{evex} vfnmsub231pd zmm15, zmm7, [rdi+8]
{evex} vfnmsub231pd zmm15, zmm7, qword ptr [rdi+8]{1to8}
{evex} vfnmsub231pd zmm8, zmm15, [rdi+64]
{evex} vfnmsub231pd zmm8, zmm15, qword ptr [rdi+64]{1to8}
{evex} vfnmsub231pd zmm3, zmm12, [rdi-128]
{evex} vfnmsub231pd zmm3, zmm12, qword ptr [rdi-128]{1to8}
{evex} vfnmsub231pd zmm16, zmm31, [rdi+127]
{evex} vfnmsub231pd zmm16, zmm31, qword ptr [rdi+127]{1to8}
{evex} vfnmsub231pd zmm31, zmm8, [rdi+128]
{evex} vfnmsub231pd zmm31, zmm8, qword ptr [rdi+128]{1to8}
{evex} vfnmsub231pd zmm8, zmm16, [rdi+8128]
{evex} vfnmsub231pd zmm8, zmm16, qword ptr [rdi+8128]{1to8}
{evex} vfnmsub231pd zmm0, zmm1, [rdi+8192]
{evex} vfnmsub231pd zmm0, zmm1, qword ptr [rdi+8192]{1to8}
{evex} vfnmsub231pd zmm7, zmm8, [rdi-8192]
{evex} vfnmsub231pd zmm7, zmm8, qword ptr [rdi-8192]{1to8}
{evex} vfnmsub231pd zmm15, zmm7, [rdi-8200]
{evex} vfnmsub231pd zmm15, zmm7, qword ptr [rdi-8200]{1to8}
{evex} vfnmsub231pd zmm8, zmm15, [r8+4]
{evex} vfnmsub231pd zmm8, zmm15, qword ptr [r8+4]{1to8}
{evex} vfnmsub231pd zmm3, zmm12, [r12]
{evex} vfnmsub231pd zmm3, zmm12, qword ptr [r12]{1to8}
{evex} vfnmsub231pd zmm16, zmm31, [r13]
{evex} vfnmsub231pd zmm16, zmm31, qword ptr [r13]{1to8}
{evex} vfnmsub231pd zmm31, zmm8, [rbp]
{evex} vfnmsub231pd zmm31, zmm8, qword ptr [rbp]{1to8}
{evex} vfnmsub231pd zmm8, zmm16, [r15+r14*8+512]
{evex} vfnmsub231pd zmm8, zmm16, qword ptr [r15+r14*8+512]{1to8}
{evex} vfnmsub231pd zmm0, zmm1, [r12+r9*2+100]
{evex} vfnmsub231pd zmm0, zmm1, qword ptr [r12+r9*2+100]{1to8}
{evex} vfnmsub231pd zmm7, zmm8, [rdi+rdx*4+32]
{evex} vfnmsub231pd zmm7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vfnmsub231pd zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vfnmsub231pd zmm15, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vfnmsub231pd zmm8, zmm15, [r13+r8*4]
{evex} vfnmsub231pd zmm8, zmm15, qword ptr [r13+r8*4]{1to8}
{evex} vrndscalepd zmm0, zmm2, 9
{evex} vrndscalepd zmm7, zmm15, 9
{evex} vrndscalepd zmm15, zmm8, 9
{evex} vrndscalepd zmm8, zmm7, 9
{evex} vrndscalepd zmm3, zmm5, 9
{evex} vrndscalepd zmm16, zmm24, 9
{evex} vrndscalepd zmm31, zmm16, 9
{evex} vrndscalepd zmm8, zmm31, 9
{evex} vrndscalepd zmm0, [rdi], 9
{evex} vrndscalepd zmm0, qword ptr [rdi]{1to8}, 9
{evex} vrndscalepd zmm7, [rax+rcx*1], 9
{evex} vrndscalepd zmm7, qword ptr [rax+rcx*1]{1to8}, 9
{evex} vrndscalepd zmm15, [rdi+8], 9
{evex} vrndscalepd zmm15, qword ptr [rdi+8]{1to8}, 9
{evex} vrndscalepd zmm8, [rdi+64], 9
{evex} vrndscalepd zmm8, qword ptr [rdi+64]{1to8}, 9
{evex} vrndscalepd zmm3, [rdi-128], 9
{evex} vrndscalepd zmm3, qword ptr [rdi-128]{1to8}, 9
{evex} vrndscalepd zmm16, [rdi+127], 9
{evex} vrndscalepd zmm16, qword ptr [rdi+127]{1to8}, 9
{evex} vrndscalepd zmm31, [rdi+128], 9
{evex} vrndscalepd zmm31, qword ptr [rdi+128]{1to8}, 9
{evex} vrndscalepd zmm8, [rdi+8128], 9
{evex} vrndscalepd zmm8, qword ptr [rdi+8128]{1to8}, 9
{evex} vrndscalepd zmm0, [rdi+8192], 9
{evex} vrndscalepd zmm0, qword ptr [rdi+8192]{1to8}, 9
{evex} vrndscalepd zmm7, [rdi-8192], 9
{evex} vrndscalepd zmm7, qword ptr [rdi-8192]{1to8}, 9
{evex} vrndscalepd zmm15, [rdi-8200], 9
{evex} vrndscalepd zmm15, qword ptr [rdi-8200]{1to8}, 9
{evex} vrndscalepd zmm8, [r8+4], 9
{evex} vrndscalepd zmm8, qword ptr [r8+4]{1to8}, 9
{evex} vrndscalepd zmm3, [r12], 9
{evex} vrndscalepd zmm3, qword ptr [r12]{1to8}, 9
{evex} vrndscalepd zmm16, [r13], 9
{evex} vrndscalepd zmm16, qword ptr [r13]{1to8}, 9
{evex} vrndscalepd zmm31, [rbp], 9
{evex} vrndscalepd zmm31, qword ptr [rbp]{1to8}, 9
{evex} vrndscalepd zmm8, [r15+r14*8+512], 9
{evex} vrndscalepd zmm8, qword ptr [r15+r14*8+512]{1to8}, 9
{evex} vrndscalepd zmm0, [r12+r9*2+100], 9
{evex} vrndscalepd zmm0, qword ptr [r12+r9*2+100]{1to8}, 9
{evex} vrndscalepd zmm7, [rdi+rdx*4+32], 9
{evex} vrndscalepd zmm7, qword ptr [rdi+rdx*4+32]{1to8}, 9
{evex} vrndscalepd zmm15, [rdi+rdx*8+1000], 9
{evex} vrndscalepd zmm15, qword ptr [rdi+rdx*8+1000]{1to8}, 9
{evex} vrndscalepd zmm8, [r13+r8*4], 9
{evex} vrndscalepd zmm8, qword ptr [r13+r8*4]{1to8}, 9
{evex} vpaddq zmm0, zmm1, zmm2
{evex} vpaddq zmm7, zmm8, zmm15
{evex} vpaddq zmm15, zmm7, zmm8
{evex} vpaddq zmm8, zmm15, zmm7
{evex} vpaddq zmm3, zmm12, zmm5
{evex} vpaddq zmm16, zmm31, zmm24
{evex} vpaddq zmm31, zmm8, zmm16
{evex} vpaddq zmm8, zmm16, zmm31
{evex} vpaddq zmm0, zmm1, [rdi]
{evex} vpaddq zmm0, zmm1, qword ptr [rdi]{1to8}
{evex} vpaddq zmm7, zmm8, [rax+rcx*1]
{evex} vpaddq zmm7, zmm8, qword ptr [rax+rcx*1]{1to8}
{evex} vpaddq zmm15, zmm7, [rdi+8]
{evex} vpaddq zmm15, zmm7, qword ptr [rdi+8]{1to8}
{evex} vpaddq zmm8, zmm15, [rdi+64]
{evex} vpaddq zmm8, zmm15, qword ptr [rdi+64]{1to8}
{evex} vpaddq zmm3, zmm12, [rdi-128]
{evex} vpaddq zmm3, zmm12, qword ptr [rdi-128]{1to8}
{evex} vpaddq zmm16, zmm31, [rdi+127]
{evex} vpaddq zmm16, zmm31, qword ptr [rdi+127]{1to8}
{evex} vpaddq zmm31, zmm8, [rdi+128]
{evex} vpaddq zmm31, zmm8, qword ptr [rdi+128]{1to8}
{evex} vpaddq zmm8, zmm16, [rdi+8128]
{evex} vpaddq zmm8, zmm16, qword ptr [rdi+8128]{1to8}
{evex} vpaddq zmm0, zmm1, [rdi+8192]
{evex} vpaddq zmm0, zmm1, qword ptr [rdi+8192]{1to8}
{evex} vpaddq zmm7, zmm8, [rdi-8192]
{evex} vpaddq zmm7, zmm8, qword ptr [rdi-8192]{1to8}
{evex} vpaddq zmm15, zmm7, [rdi-8200]
{evex} vpaddq zmm15, zmm7, qword ptr [rdi-8200]{1to8}
{evex} vpaddq zmm8, zmm15, [r8+4]
{evex} vpaddq zmm8, zmm15, qword ptr [r8+4]{1to8}
{evex} vpaddq zmm3, zmm12, [r12]
{evex} vpaddq zmm3, zmm12, qword ptr [r12]{1to8}
{evex} vpaddq zmm16, zmm31, [r13]
{evex} vpaddq zmm16, zmm31, qword ptr [r13]{1to8}
{evex} vpaddq zmm31, zmm8, [rbp]
{evex} vpaddq zmm31, zmm8, qword ptr [rbp]{1to8}
{evex} vpaddq zmm8, zmm16, [r15+r14*8+512]
{evex} vpaddq zmm8, zmm16, qword ptr [r15+r14*8+512]{1to8}
{evex} vpaddq zmm0, zmm1, [r12+r9*2+100]
{evex} vpaddq zmm0, zmm1, qword ptr [r12+r9*2+100]{1to8}
{evex} vpaddq zmm7, zmm8, [rdi+rdx*4+32]
{evex} vpaddq zmm7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vpaddq zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vpaddq zmm15, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vpaddq zmm8, zmm15, [r13+r8*4]
{evex} vpaddq zmm8, zmm15, qword ptr [r13+r8*4]{1to8}
{evex} vpsubq zmm0, zmm1, zmm2
{evex} vpsubq zmm7, zmm8, zmm15
{evex} vpsubq zmm15, zmm7, zmm8
{evex} vpsubq zmm8, zmm15, zmm7
{evex} vpsubq zmm3, zmm12, zmm5
{evex} vpsubq zmm16, zmm31, zmm24
{evex} vpsubq zmm31, zmm8, zmm16
{evex} vpsubq zmm8, zmm16, zmm31
{evex} vpsubq zmm0, zmm1, [rdi]
{evex} vpsubq zmm0, zmm1, qword ptr [rdi]{1to8}
{evex} vpsubq zmm7, zmm8, [rax+rcx*1]
{evex} vpsubq zmm7, zmm8, qword ptr [rax+rcx*1]{1to8}
{evex} vpsubq zmm15, zmm7, [rdi+8]
{evex} vpsubq zmm15, zmm7, qword ptr [rdi+8]{1to8}
{evex} vpsubq zmm8, zmm15, [rdi+64]
{evex} vpsubq zmm8, zmm15, qword ptr [rdi+64]{1to8}
{evex} vpsubq zmm3, zmm12, [rdi-128]
{evex} vpsubq zmm3, zmm12, qword ptr [rdi-128]{1to8}
{evex} vpsubq zmm16, zmm31, [rdi+127]
{evex} vpsubq zmm16, zmm31, qword ptr [rdi+127]{1to8}
{evex} vpsubq zmm31, zmm8, [rdi+128]
{evex} vpsubq zmm31, zmm8, qword ptr [rdi+128]{1to8}
{evex} vpsubq zmm8, zmm16, [rdi+8128]
{evex} vpsubq zmm8, zmm16, qword ptr [rdi+8128]{1to8}
{evex} vpsubq zmm0, zmm1, [rdi+8192]
{evex} vpsubq zmm0, zmm1, qword ptr [rdi+8192]{1to8}
{evex} vpsubq zmm7, zmm8, [rdi-8192]
{evex} vpsubq zmm7, zmm8, qword ptr [rdi-8192]{1to8}
{evex} vpsubq zmm15, zmm7, [rdi-8200]
{evex} vpsubq zmm15, zmm7, qword ptr [rdi-8200]{1to8}
{evex} vpsubq zmm8, zmm15, [r8+4]
{evex} vpsubq zmm8, zmm15, qword ptr [r8+4]{1to8}
{evex} vpsubq zmm3, zmm12, [r12]
{evex} vpsubq zmm3, zmm12, qword ptr [r12]{1to8}
{evex} vpsubq zmm16, zmm31, [r13]
{evex} vpsubq zmm16, zmm31, qword ptr [r13]{1to8}
{evex} vpsubq zmm31, zmm8, [rbp]
{evex} vpsubq zmm31, zmm8, qword ptr [rbp]{1to8}
{evex} vpsubq zmm8, zmm16, [r15+r14*8+512]
{evex} vpsubq zmm8, zmm16, qword ptr [r15+r14*8+512]{1to8}
{evex} vpsubq zmm0, zmm1, [r12+r9*2+100]
{evex} vpsubq zmm0, zmm1, qword ptr [r12+r9*2+100]{1to8}
{evex} vpsubq zmm7, zmm8, [rdi+rdx*4+32]
{evex} vpsubq zmm7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vpsubq zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vpsubq zmm15, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vpsubq zmm8, zmm15, [r13+r8*4]
{evex} vpsubq zmm8, zmm15, qword ptr [r13+r8*4]{1to8}
{evex} vpsrlq zmm0, zmm2, 9
{evex} vpsrlq zmm7, zmm15, 9
{evex} vpsrlq zmm15, zmm8, 9
{evex} vpsrlq zmm8, zmm7, 9
{evex} vpsrlq zmm3, zmm5, 9
{evex} vpsrlq zmm16, zmm24, 9
{evex} vpsrlq zmm31, zmm16, 9
{evex} vpsrlq zmm8, zmm31, 9
{evex} vpsllq zmm0, zmm2, 9
{evex} vpsllq zmm7, zmm15, 9
{evex} vpsllq zmm15, zmm8, 9
{evex} vpsllq zmm8, zmm7, 9
{evex} vpsllq zmm3, zmm5, 9
{evex} vpsllq zmm16, zmm24, 9
{evex} vpsllq zmm31, zmm16, 9
{evex} vpsllq zmm8, zmm31, 9
{evex} vscalefpd zmm0, zmm1, zmm2
{evex} vscalefpd zmm7, zmm8, zmm15
{evex} vscalefpd zmm15, zmm7, zmm8
{evex} vscalefpd zmm8, zmm15, zmm7
{evex} vscalefpd zmm3, zmm12, zmm5
{evex} vscalefpd zmm16, zmm31, zmm24
{evex} vscalefpd zmm31, zmm8, zmm16
{evex} vscalefpd zmm8, zmm16, zmm31
{evex} vscalefpd zmm0, zmm1, [rdi]
{evex} vscalefpd zmm0, zmm1, qword ptr [rdi]{1to8}
{evex} vscalefpd zmm7, zmm8, [rax+rcx*1]
{evex} vscalefpd zmm7, zmm8, qword ptr [rax+rcx*1]{1to8}
{evex} vscalefpd zmm15, zmm7, [rdi+8]
{evex} vscalefpd zmm15, zmm7, qword ptr [rdi+8]{1to8}
{evex} vscalefpd zmm8, zmm15, [rdi+64]
{evex} vscalefpd zmm8, zmm15, qword ptr [rdi+64]{1to8}
{evex} vscalefpd zmm3, zmm12, [rdi-128]
{evex} vscalefpd zmm3, zmm12, qword ptr [rdi-128]{1to8}
{evex} vscalefpd zmm16, zmm31, [rdi+127]
{evex} vscalefpd zmm16, zmm31, qword ptr [rdi+127]{1to8}
{evex} vscalefpd zmm31, zmm8, [rdi+128]
{evex} vscalefpd zmm31, zmm8, qword ptr [rdi+128]{1to8}
{evex} vscalefpd zmm8, zmm16, [rdi+8128]
{evex} vscalefpd zmm8, zmm16, qword ptr [rdi+8128]{1to8}
{evex} vscalefpd zmm0, zmm1, [rdi+8192]
{evex} vscalefpd zmm0, zmm1, qword ptr [rdi+8192]{1to8}
{evex} vscalefpd zmm7, zmm8, [rdi-8192]
{evex} vscalefpd zmm7, zmm8, qword ptr [rdi-8192]{1to8}
{evex} vscalefpd zmm15, zmm7, [rdi-8200]
{evex} vscalefpd zmm15, zmm7, qword ptr [rdi-8200]{1to8}
{evex} vscalefpd zmm8, zmm15, [r8+4]
{evex} vscalefpd zmm8, zmm15, qword ptr [r8+4]{1to8}
{evex} vscalefpd zmm3, zmm12, [r12]
{evex} vscalefpd zmm3, zmm12, qword ptr [r12]{1to8}
{evex} vscalefpd zmm16, zmm31, [r13]
{evex} vscalefpd zmm16, zmm31, qword ptr [r13]{1to8}
{evex} vscalefpd zmm31, zmm8, [rbp]
{evex} vscalefpd zmm31, zmm8, qword ptr [rbp]{1to8}
{evex} vscalefpd zmm8, zmm16, [r15+r14*8+512]
{evex} vscalefpd zmm8, zmm16, qword ptr [r15+r14*8+512]{1to8}
{evex} vscalefpd zmm0, zmm1, [r12+r9*2+100]
{evex} vscalefpd zmm0, zmm1, qword ptr [r12+r9*2+100]{1to8}
{evex} vscalefpd zmm7, zmm8, [rdi+rdx*4+32]
{evex} vscalefpd zmm7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vscalefpd zmm15, zmm7, [rdi+rdx*8+1000]
{evex} vscalefpd zmm15, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vscalefpd zmm8, zmm15, [r13+r8*4]
{evex} vscalefpd zmm8, zmm15, qword ptr [r13+r8*4]{1to8}
{evex} vrsqrt14pd zmm0, zmm2
{evex} vrsqrt14pd zmm7, zmm15
{evex} vrsqrt14pd zmm15, zmm8
{evex} vrsqrt14pd zmm8, zmm7
{evex} vrsqrt14pd zmm3, zmm5
{evex} vrsqrt14pd zmm16, zmm24
{evex} vrsqrt14pd zmm31, zmm16
{evex} vrsqrt14pd zmm8, zmm31
{evex} vrsqrt14pd zmm0, [rdi]
{evex} vrsqrt14pd zmm0, qword ptr [rdi]{1to8}
{evex} vrsqrt14pd zmm7, [rax+rcx*1]
{evex} vrsqrt14pd zmm7, qword ptr [rax+rcx*1]{1to8}
{evex} vrsqrt14pd zmm15, [rdi+8]
{evex} vrsqrt14pd zmm15, qword ptr [rdi+8]{1to8}
{evex} vrsqrt14pd zmm8, [rdi+64]
{evex} vrsqrt14pd zmm8, qword ptr [rdi+64]{1to8}
{evex} vrsqrt14pd zmm3, [rdi-128]
{evex} vrsqrt14pd zmm3, qword ptr [rdi-128]{1to8}
{evex} vrsqrt14pd zmm16, [rdi+127]
{evex} vrsqrt14pd zmm16, qword ptr [rdi+127]{1to8}
{evex} vrsqrt14pd zmm31, [rdi+128]
{evex} vrsqrt14pd zmm31, qword ptr [rdi+128]{1to8}
{evex} vrsqrt14pd zmm8, [rdi+8128]
{evex} vrsqrt14pd zmm8, qword ptr [rdi+8128]{1to8}
{evex} vrsqrt14pd zmm0, [rdi+8192]
{evex} vrsqrt14pd zmm0, qword ptr [rdi+8192]{1to8}
{evex} vrsqrt14pd zmm7, [rdi-8192]
{evex} vrsqrt14pd zmm7, qword ptr [rdi-8192]{1to8}
{evex} vrsqrt14pd zmm15, [rdi-8200]
{evex} vrsqrt14pd zmm15, qword ptr [rdi-8200]{1to8}
{evex} vrsqrt14pd zmm8, [r8+4]
{evex} vrsqrt14pd zmm8, qword ptr [r8+4]{1to8}
{evex} vrsqrt14pd zmm3, [r12]
{evex} vrsqrt14pd zmm3, qword ptr [r12]{1to8}
{evex} vrsqrt14pd zmm16, [r13]
{evex} vrsqrt14pd zmm16, qword ptr [r13]{1to8}
{evex} vrsqrt14pd zmm31, [rbp]
{evex} vrsqrt14pd zmm31, qword ptr [rbp]{1to8}
{evex} vrsqrt14pd zmm8, [r15+r14*8+512]
{evex} vrsqrt14pd zmm8, qword ptr [r15+r14*8+512]{1to8}
{evex} vrsqrt14pd zmm0, [r12+r9*2+100]
{evex} vrsqrt14pd zmm0, qword ptr [r12+r9*2+100]{1to8}
{evex} vrsqrt14pd zmm7, [rdi+rdx*4+32]
{evex} vrsqrt14pd zmm7, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vrsqrt14pd zmm15, [rdi+rdx*8+1000]
{evex} vrsqrt14pd zmm15, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vrsqrt14pd zmm8, [r13+r8*4]
{evex} vrsqrt14pd zmm8, qword ptr [r13+r8*4]{1to8}
{evex} vrcp14pd zmm0, zmm2
{evex} vrcp14pd zmm7, zmm15
{evex} vrcp14pd zmm15, zmm8
{evex} vrcp14pd zmm8, zmm7
{evex} vrcp14pd zmm3, zmm5
{evex} vrcp14pd zmm16, zmm24
{evex} vrcp14pd zmm31, zmm16
{evex} vrcp14pd zmm8, zmm31
{evex} vrcp14pd zmm0, [rdi]
{evex} vrcp14pd zmm0, qword ptr [rdi]{1to8}
{evex} vrcp14pd zmm7, [rax+rcx*1]
{evex} vrcp14pd zmm7, qword ptr [rax+rcx*1]{1to8}
{evex} vrcp14pd zmm15, [rdi+8]
{evex} vrcp14pd zmm15, qword ptr [rdi+8]{1to8}
{evex} vrcp14pd zmm8, [rdi+64]
{evex} vrcp14pd zmm8, qword ptr [rdi+64]{1to8}
{evex} vrcp14pd zmm3, [rdi-128]
{evex} vrcp14pd zmm3, qword ptr [rdi-128]{1to8}
{evex} vrcp14pd zmm16, [rdi+127]
{evex} vrcp14pd zmm16, qword ptr [rdi+127]{1to8}
{evex} vrcp14pd zmm31, [rdi+128]
{evex} vrcp14pd zmm31, qword ptr [rdi+128]{1to8}
{evex} vrcp14pd zmm8, [rdi+8128]
{evex} vrcp14pd zmm8, qword ptr [rdi+8128]{1to8}
{evex} vrcp14pd zmm0, [rdi+8192]
{evex} vrcp14pd zmm0, qword ptr [rdi+8192]{1to8}
{evex} vrcp14pd zmm7, [rdi-8192]
{evex} vrcp14pd zmm7, qword ptr [rdi-8192]{1to8}
{evex} vrcp14pd zmm15, [rdi-8200]
{evex} vrcp14pd zmm15, qword ptr [rdi-8200]{1to8}
{evex} vrcp14pd zmm8, [r8+4]
{evex} vrcp14pd zmm8, qword ptr [r8+4]{1to8}
{evex} vrcp14pd zmm3, [r12]
{evex} vrcp14pd zmm3, qword ptr [r12]{1to8}
{evex} vrcp14pd zmm16, [r13]
{evex} vrcp14pd zmm16, qword ptr [r13]{1to8}
{evex} vrcp14pd zmm31, [rbp]
{evex} vrcp14pd zmm31, qword ptr [rbp]{1to8}
{evex} vrcp14pd zmm8, [r15+r14*8+512]
{evex} vrcp14pd zmm8, qword ptr [r15+r14*8+512]{1to8}
{evex} vrcp14pd zmm0, [r12+r9*2+100]
{evex} vrcp14pd zmm0, qword ptr [r12+r9*2+100]{1to8}
{evex} vrcp14pd zmm7, [rdi+rdx*4+32]
{evex} vrcp14pd zmm7, qword ptr [rdi+rdx*4+32]{1to8}
{evex} vrcp14pd zmm15, [rdi+rdx*8+1000]
{evex} vrcp14pd zmm15, qword ptr [rdi+rdx*8+1000]{1to8}
{evex} vrcp14pd zmm8, [r13+r8*4]
{evex} vrcp14pd zmm8, qword ptr [r13+r8*4]{1to8}
{evex} vcmppd k0, zmm1, zmm2, 9
{evex} vcmppd k7, zmm8, zmm15, 9
{evex} vcmppd k7, zmm7, zmm8, 9
{evex} vcmppd k0, zmm15, zmm7, 9
{evex} vcmppd k3, zmm12, zmm5, 9
{evex} vcmppd k0, zmm31, zmm24, 9
{evex} vcmppd k7, zmm8, zmm16, 9
{evex} vcmppd k0, zmm16, zmm31, 9
{evex} vcmppd k0, zmm1, [rdi], 9
{evex} vcmppd k0, zmm1, qword ptr [rdi]{1to8}, 9
{evex} vcmppd k7, zmm8, [rax+rcx*1], 9
{evex} vcmppd k7, zmm8, qword ptr [rax+rcx*1]{1to8}, 9
{evex} vcmppd k7, zmm7, [rdi+8], 9
{evex} vcmppd k7, zmm7, qword ptr [rdi+8]{1to8}, 9
{evex} vcmppd k0, zmm15, [rdi+64], 9
{evex} vcmppd k0, zmm15, qword ptr [rdi+64]{1to8}, 9
{evex} vcmppd k3, zmm12, [rdi-128], 9
{evex} vcmppd k3, zmm12, qword ptr [rdi-128]{1to8}, 9
{evex} vcmppd k0, zmm31, [rdi+127], 9
{evex} vcmppd k0, zmm31, qword ptr [rdi+127]{1to8}, 9
{evex} vcmppd k7, zmm8, [rdi+128], 9
{evex} vcmppd k7, zmm8, qword ptr [rdi+128]{1to8}, 9
{evex} vcmppd k0, zmm16, [rdi+8128], 9
{evex} vcmppd k0, zmm16, qword ptr [rdi+8128]{1to8}, 9
{evex} vcmppd k0, zmm1, [rdi+8192], 9
{evex} vcmppd k0, zmm1, qword ptr [rdi+8192]{1to8}, 9
{evex} vcmppd k7, zmm8, [rdi-8192], 9
{evex} vcmppd k7, zmm8, qword ptr [rdi-8192]{1to8}, 9
{evex} vcmppd k7, zmm7, [rdi-8200], 9
{evex} vcmppd k7, zmm7, qword ptr [rdi-8200]{1to8}, 9
{evex} vcmppd k0, zmm15, [r8+4], 9
{evex} vcmppd k0, zmm15, qword ptr [r8+4]{1to8}, 9
{evex} vcmppd k3, zmm12, [r12], 9
{evex} vcmppd k3, zmm12, qword ptr [r12]{1to8}, 9
{evex} vcmppd k0, zmm31, [r13], 9
{evex} vcmppd k0, zmm31, qword ptr [r13]{1to8}, 9
{evex} vcmppd k7, zmm8, [rbp], 9
{evex} vcmppd k7, zmm8, qword ptr [rbp]{1to8}, 9
{evex} vcmppd k0, zmm16, [r15+r14*8+512], 9
{evex} vcmppd k0, zmm16, qword ptr [r15+r14*8+512]{1to8}, 9
{evex} vcmppd k0, zmm1, [r12+r9*2+100], 9
{evex} vcmppd k0, zmm1, qword ptr [r12+r9*2+100]{1to8}, 9
{evex} vcmppd k7, zmm8, [rdi+rdx*4+32], 9
{evex} vcmppd k7, zmm8, qword ptr [rdi+rdx*4+32]{1to8}, 9
{evex} vcmppd k7, zmm7, [rdi+rdx*8+1000], 9
{evex} vcmppd k7, zmm7, qword ptr [rdi+rdx*8+1000]{1to8}, 9
{evex} vcmppd k0, zmm15, [r13+r8*4], 9
{evex} vcmppd k0, zmm15, qword ptr [r13+r8*4]{1to8}, 9
vmovups zmm0{k1}{z}, [rax+rcx*1]
vmovups [rax+rcx*1]{k1}, zmm0
vmovaps zmm0{k2}, zmm31
vmovups zmm9{k1}{z}, [rax+rcx*1]
vmovups [rax+rcx*1]{k1}, zmm9
vmovaps zmm9{k2}, zmm22
vmovups zmm30{k1}{z}, [rax+rcx*1]
vmovups [rax+rcx*1]{k1}, zmm30
vmovaps zmm30{k2}, zmm1
vmovupd zmm0{k1}{z}, [rax+rcx*1]
vmovupd [rax+rcx*1]{k1}, zmm0
vmovapd zmm0{k2}, zmm31
vmovupd zmm9{k1}{z}, [rax+rcx*1]
vmovupd [rax+rcx*1]{k1}, zmm9
vmovapd zmm9{k2}, zmm22
vmovupd zmm30{k1}{z}, [rax+rcx*1]
vmovupd [rax+rcx*1]{k1}, zmm30
vmovapd zmm30{k2}, zmm1
mov rax, [rdi]
mov rax, [rdi+120]
mov r9, [rdi+128]
xor ecx, ecx
add rcx, 1000
sub rdx, 1000
cmp rdx, 1000
neg rdx
mov eax, 0xffffffff; bzhi eax, eax, edx; kmovw k1, eax
vzeroupper; ret
